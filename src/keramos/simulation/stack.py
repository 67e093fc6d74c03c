"""Phantom stacks, slab by slab in bounded memory, starting from any slab.

body -> solidness of a slab -> threshold -> scene, as deep as the line of sight reaches -> images, truth, regions
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, PhaseTable, Provenance, Step, View
from keramos.core.errors import SettingsError
from keramos.core.options import plain
from keramos.core.progress import Progress, silent
from keramos.simulation.annotator import annotate, draw_annotator
from keramos.simulation.body import Body
from keramos.simulation.imaging import Imaging, Picture, image
from keramos.simulation.regions import mark_regions
from keramos.simulation.scene import Scene
from keramos.simulation.second_image import draw_second_image
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.specimen import Specimen
from keramos.version import __version__

SLAB = 16
"""Slices imaged at a time: the depth of a chunk of the store, so that whole chunks are written."""


@dataclass(frozen=True, slots=True)
class Slab:
    """Consecutive slices from number `start` on (all arrays uint8, Z Y X).

    Attributes:
        grey: images.
        truth: phase codes of the specimen.
        shown: phase codes that the images show.
        regions: bits of the hard regions.
        hand: simulated hand labels, 255 elsewhere.
        also: the second images; None if there are none.
    """

    start: int
    grey: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    regions: NDArray[np.uint8]
    hand: NDArray[np.uint8]
    also: NDArray[np.uint8] | None = None


class PhantomStack:
    """One phantom, made by `slabs`. The same settings give the same bytes, wherever the slabs start.

    Args:
        settings: what to simulate.
        body: a body in place of the preset's, such as a measured geometry.
        microscope: imaging parameters in place of those drawn from the seed.
        view: viewing geometry in place of the preset's.

    Raises:
        SettingsError: a solid fraction is given for a body that has its own; an unknown structure or defect.

    Example:
        >>> stack = PhantomStack(PhantomSettings((20, 24, 32), seed=1))
        >>> [(slab.start, slab.grey.shape) for slab in stack.slabs()]
        [(0, (16, 24, 32)), (16, (4, 24, 32))]
    """

    def __init__(
        self,
        settings: PhantomSettings,
        body: Body | None = None,
        microscope: Imaging | None = None,
        view: View | None = None,
    ) -> None:
        self.settings = settings
        body_seed, imaging_seed, hand_seed = np.random.SeedSequence(settings.seed).spawn(3)
        self.body = body or settings.draw_body(body_seed)
        impurities = settings.draw_impurities(body_seed.spawn(1)[0], self.body)
        self.microscope = microscope or settings.draw_imaging(imaging_seed)
        self.second = None if settings.also is None else draw_second_image(settings.also, self.microscope, imaging_seed)
        self._annotator = draw_annotator(np.random.default_rng(hand_seed))
        if settings.solid_fraction is not None and not self.body.adjustable:
            raise SettingsError("this body has its own solid fraction; omit --solid-fraction")
        self.specimen = Specimen(settings, self.body, impurities, view or settings.kind.view)

    def with_microscope(self, microscope: Imaging) -> PhantomStack:
        """The same specimen, which is not grown anew, in another microscope; a second image is as it was drawn."""
        other = copy(self)
        other.microscope = microscope
        return other

    @property
    def phases(self) -> PhaseTable:
        """Phases of the truth: void first."""
        return self.body.phases

    @property
    def view(self) -> View:
        """Viewing geometry of the stack as it is written."""
        return replace(self.specimen.view, cutting_order=self.settings.cutting_order)

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything that makes the phantom, as JSON values: the content of phantom.json."""
        chosen, impurities = self.settings, self.specimen.impurities
        parameters = {
            "preset": chosen.preset,
            "shape": chosen.shape,
            "voxel_size_nm": chosen.voxels.zyx,
            "severity": chosen.severity,
            "seed": chosen.seed,
            "solid_fraction": chosen.fraction if self.body.adjustable else None,
            "phases": self.phases.names,
            "view": self.view.to_json(),
            "body": self.body.to_json(),
            "impurities": None if impurities is None else asdict(impurities),
            "imaging": self.microscope.to_json(),
            **({} if self.second is None else {"also": {"name": chosen.also, "imaging": self.second.to_json()}}),
            "annotator": asdict(self._annotator),
            "hand_labelled": chosen.hand_labels,
            "keramos": __version__,
        }
        return {name: plain(value) for name, value in parameters.items()}

    @property
    def provenance(self) -> Provenance:
        """The step that makes the phantom."""
        return Provenance((Step("phantom", self.parameters, {}, {"keramos": __version__}),))

    def slabs(self, first: int = 0, progress: Progress = silent) -> Iterator[Slab]:
        """Slabs of 16 slices from slab number `first` on. `progress` receives the number of finished slices."""
        depth = self.settings.shape[0]
        progress(min(first * SLAB, depth), depth)
        # One slab is imaged while the body of the next one is sampled.
        with ThreadPoolExecutor(1) as microscope:
            imaged: Future[Slab] | None = None
            for start in (*range(first * SLAB, depth, SLAB), depth):
                scene = self._make_scene(start) if start < depth else None
                if imaged is not None:
                    slab = imaged.result()
                    progress(slab.start + len(slab.grey), depth)
                    yield slab
                if scene is not None:
                    imaged = microscope.submit(self._image_slab, start, scene)

    @property
    def _reversed(self) -> bool:
        return self.settings.cutting_order == "decreasing"

    def _make_scene(self, start: int) -> Scene:
        """The scene, in the order of cutting, of the slab whose first slice in the file is `start`."""
        slices = min(SLAB, self.settings.shape[0] - start)
        return self.specimen.make_scene(self._in_cutting_order(start + slices - 1) if self._reversed else start, slices)

    def _image_slab(self, start: int, scene: Scene) -> Slab:
        picture = image(scene, self.microscope, self.second)
        solid = scene.solid
        truth = solid.astype(np.uint8) if scene.kind is None else np.where(solid, scene.kind + np.uint8(1), 0)
        step = -1 if self._reversed else 1
        arrays = (picture.grey, truth, picture.shown, _mark_regions(picture, scene), self._label(picture, scene, start))
        also = None if picture.also is None else picture.also[::step]
        grey, truth, shown, regions, hand = (pixels[::step] for pixels in arrays)
        return Slab(start, grey, truth, shown, regions, hand, also)

    def _label(self, picture: Picture, scene: Scene, start: int) -> NDArray[np.uint8]:
        """Simulated hand labels of the slab whose first slice in the file is `start`, in the order of cutting."""
        hand = np.full_like(picture.shown, NOT_ANNOTATED)
        for z in self.settings.hand_labels:
            if start <= z < start + scene.slices:
                number = self._in_cutting_order(z)
                place = number - scene.first_slice
                hand[place] = annotate(
                    picture.shown[place],
                    self._annotator,
                    sight=picture.sights[place],
                    voxel_size=scene.voxel_size,
                    slice_number=number,
                )
        return hand

    def _in_cutting_order(self, z: int) -> int:
        """Number, in the order of cutting, of slice `z` of the file."""
        return self.settings.shape[0] - 1 - z if self._reversed else z


def _mark_regions(picture: Picture, scene: Scene) -> NDArray[np.uint8]:
    """Bits of the hard regions (Z Y X)."""
    return np.stack(
        [
            mark_regions(
                picture.shown[z] > 0,
                None if picture.impurity is None else picture.impurity[z],
                picture.sights[z],
                picture.curtain_gain[z],
                scene.voxel_size,
            )
            for z in range(scene.slices)
        ]
    )
