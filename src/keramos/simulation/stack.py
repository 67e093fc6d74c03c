"""A phantom stack as it comes from the microscope: slab by slab, in bounded memory, from any slab on.

body -> solidness of a slab -> threshold -> scene, kept as deep as the line of sight reaches -> images, truth, regions
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, PhaseTable, Provenance, Step, View
from keramos.core.errors import SettingsError
from keramos.core.progress import Progress, silent
from keramos.simulation import annotator, imaging
from keramos.simulation.bodies.matter import Body, Matter
from keramos.simulation.line_of_sight import deeper
from keramos.simulation.regions import regions_of
from keramos.simulation.scene import Scene
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.smooth_field import centres_nm
from keramos.version import __version__

SLAB = 16
"""Slices imaged at a time: the depth of a chunk of the store, so that a slab is written whole."""

_GROWN_VOXELS = 2**25  # of the body at a time: about 1 GiB with all that is computed on the way
_FEW = 1000  # voxels; of fewer any one weighs more than a per mille
_SAMPLED_VOXELS = 2**26  # are enough for it, too
_SAMPLED_SLICES = 40  # the threshold for the solid fraction is taken on so many slices, spread over the stack


@dataclass(frozen=True, slots=True)
class Slab:
    """The slices from number `start` on (uint8, Z Y X): images, true codes, codes that the images show, region bits,
    simulated hand labels."""

    start: int
    grey: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    regions: NDArray[np.uint8]
    hand: NDArray[np.uint8]


class PhantomStack:
    """Everything about one phantom; `slabs` makes it. The same settings give the same bytes, wherever one begins.

    `body` takes the place of the preset's own, for a real geometry or a body with known answers; `microscope` that of
    the one drawn.

    Raises:
        SettingsError: a solid fraction asked of a body that has its own.
    """

    def __init__(
        self, settings: PhantomSettings, body: Body | None = None, microscope: imaging.Imaging | None = None
    ) -> None:
        self.settings = settings
        body_seed, imaging_seed, hand_seed = np.random.SeedSequence(settings.seed).spawn(3)
        rng = np.random.default_rng(body_seed)
        self.body = body or settings.drawn_body(rng)
        self._impurities = settings.drawn_impurities(np.random.default_rng(body_seed.spawn(1)[0]), self.body)
        self.microscope = microscope or settings.kind.draw_imaging(imaging_seed, settings.severity)
        self._annotator = annotator.draw(np.random.default_rng(hand_seed))
        if settings.solid_fraction is not None and not self.body.adjustable:
            raise SettingsError("expected no --solid-fraction for a body that has its own, found one; leave it out")
        self._deeper, rows = deeper(self._optics, settings.voxels)
        depth, height, width = settings.shape
        self._grid = (depth + self._deeper, height + rows, width)
        self._thickness = max(1, min(64, _GROWN_VOXELS // (self._grid[1] * self._grid[2])))
        self._grown: dict[int, Matter] = {}

    @property
    def phases(self) -> PhaseTable:
        """Of the truth: void first."""
        return self.body.phases

    @property
    def view(self) -> View:
        """How the written stack was looked at."""
        return replace(self._optics, cutting_order=self.settings.cutting_order)

    @property
    def parameters(self) -> dict[str, Any]:
        """All that made it, as JSON values."""
        chosen = self.settings
        return {
            "preset": chosen.preset,
            "shape": list(chosen.shape),
            "voxel_size_nm": list(chosen.voxels.zyx),
            "severity": chosen.severity,
            "seed": chosen.seed,
            "solid_fraction": chosen.fraction if self.body.adjustable else None,
            "phases": list(self.phases.names),
            "view": asdict(self.view),
            "body": _plain(self.body.to_json()),
            "impurities": None if self._impurities is None else _plain(asdict(self._impurities)),
            "imaging": _plain(self.microscope.to_json()),
            "annotator": _plain(asdict(self._annotator)),
            "hand_labelled": list(chosen.hand_labelled),
            "keramos": __version__,
        }

    @property
    def provenance(self) -> Provenance:
        return Provenance((Step("phantom", self.parameters, {}, {"keramos": __version__}),))

    def slabs(self, first: int = 0, progress: Progress = silent) -> Iterator[Slab]:
        """Slabs of 16 slices from number `first` on (in slabs). Progress counts slices made."""
        depth = self.settings.shape[0]
        progress(min(first * SLAB, depth), depth)
        with ThreadPoolExecutor(1) as microscope:
            # One slab is imaged while the body of the next one grows.
            imaged: Future[Slab] | None = None
            for start in range(first * SLAB, depth, SLAB):
                scene = self._scene(start)
                if imaged is not None:
                    yield self._counted(imaged.result(), progress)
                imaged = microscope.submit(self._imaged, start, scene)
            if imaged is not None:
                yield self._counted(imaged.result(), progress)

    @property
    def _optics(self) -> View:
        return self.settings.kind.view

    @property
    def _reversed(self) -> bool:
        return self.settings.cutting_order == "decreasing"

    def _counted(self, slab: Slab, progress: Progress) -> Slab:
        progress(slab.start + len(slab.grey), self.settings.shape[0])
        return slab

    def _imaged(self, start: int, scene: Scene) -> Slab:
        picture = imaging.image(scene, self.microscope)
        solid = scene.solid
        truth = solid.astype(np.uint8) if scene.kind is None else np.where(solid, scene.kind + np.uint8(1), 0)
        shown, impurity = picture.shown, picture.impurity
        regions = np.stack(
            [
                regions_of(
                    shown[z] > 0,
                    None if impurity is None else impurity[z],
                    picture.sights[z],
                    picture.curtain_gain[z],
                    scene.voxel_size,
                )
                for z in range(scene.slices)
            ]
        )
        hand = np.full_like(shown, NOT_ANNOTATED)
        for z in self._labelled(start, scene.slices):
            place = self._in_cutting_order(z) - scene.first_slice
            number = scene.first_slice + place
            hand[place] = annotator.apply(
                shown[place],
                self._annotator,
                sight=picture.sights[place],
                voxel_size=scene.voxel_size,
                slice_number=number,
            )
        step = -1 if self._reversed else 1
        return Slab(start, picture.grey[::step], truth[::step], shown[::step], regions[::step], hand[::step])

    def _labelled(self, start: int, slices: int) -> list[int]:
        return [z for z in self.settings.hand_labelled if start <= z < start + slices]

    def _in_cutting_order(self, z: int) -> int:
        """Which section slice z of the file is, counted in the order of cutting."""
        return self.settings.shape[0] - 1 - z if self._reversed else z

    def _scene(self, start: int) -> Scene:
        """What the slices of the file from `start` on are images of, in the order of cutting."""
        depth, height, _ = self.settings.shape
        slices = min(SLAB, depth - start)
        first = self._in_cutting_order(start + slices - 1) if self._reversed else start
        lead = min(first, 1)  # a slice before, for surfaces that face it
        matter = self._matter(first - lead, first + slices + self._deeper)
        here = (slice(lead, lead + slices), slice(0, height))
        impurity = None
        if self._impurities is not None:
            inside = self._impurities.inside(self._positions(np.arange(first, first + slices), height))
            impurity = inside & (matter.solidness[here] >= 0)
        return Scene(
            matter.solidness,
            slices,
            height,
            self.settings.voxels,
            self._optics,
            first,
            lead,
            None if matter.kind is None else matter.kind[here],
            None if matter.tint is None else matter.tint[here],
            impurity,
        )

    def _matter(self, start: int, stop: int) -> Matter:
        """The sections `start` ... `stop`, rows below the images included, solid where the solidness is 0 or more."""
        pieces = range(start // self._thickness, (stop - 1) // self._thickness + 1)
        for number in [known for known in self._grown if known not in pieces]:
            del self._grown[number]
        for number in pieces:
            if number not in self._grown:
                z = np.arange(number * self._thickness, min((number + 1) * self._thickness, self._grid[0]))
                found = self.body.matter(self._positions(z, self._grid[1]))
                self._grown[number] = replace(found, solidness=found.solidness - self._threshold)
        first = pieces[0] * self._thickness
        parts = [self._grown[number] for number in pieces]
        span = slice(start - first, stop - first)
        return Matter(
            *(_joined([getattr(part, name) for part in parts], span) for name in ("solidness", "kind", "tint"))
        )

    def _positions(self, slices: NDArray[np.int64], rows: int) -> tuple[NDArray[np.float64], ...]:
        z_nm, y_nm, x_nm = self.settings.voxels.zyx
        return (slices + 0.5) * np.float64(z_nm), centres_nm(rows, y_nm), centres_nm(self._grid[2], x_nm)

    @cached_property
    def _threshold(self) -> np.float32:
        """The solidness from which on a voxel is solid: every slice counts in a small stack, some in a deep one."""
        if not self.body.adjustable:
            return np.float32(0)
        depth, height, _ = self.settings.shape
        picked = np.unique(np.linspace(0, depth - 1, min(depth, _SAMPLED_SLICES)).round().astype(np.int64))
        # Neighbours together, those apart alone: what lies between two picked slices is not grown.
        runs = np.split(picked, np.flatnonzero(np.diff(picked) > 1) + 1)
        few = [run[i : i + self._thickness] for run in runs for i in range(0, len(run), self._thickness)]
        every = -(-len(picked) * height * self._grid[2] // _SAMPLED_VOXELS)
        seen = np.concatenate([self._judged(self._positions(run, height)).ravel()[::every] for run in few])
        voids = min(max(round((1 - self.settings.fraction) * seen.size), 0), seen.size - 1)
        threshold: np.float32 = np.partition(seen, voids)[voids]
        if seen.size > _FEW and np.mean(seen > threshold) < self.settings.fraction - 0.01:
            raise SettingsError(
                f"expected a solid fraction that this body can have, found {self.settings.fraction}; at most about "
                f"{np.mean(seen > threshold):.2f} of it can be solid: ask for less, or for another --structure"
            )
        return threshold

    def _judged(self, positions: tuple[NDArray[np.float64], ...]) -> NDArray[np.float32]:
        """Solidness, with impurities as far from solid as can be: they count with the voids."""
        solidness = self.body.matter(positions).solidness
        if self._impurities is not None:
            solidness = np.where(self._impurities.inside(positions), solidness.min(), solidness)
        return solidness


def _joined(parts: list[NDArray[Any] | None], span: slice) -> Any:
    known = [part for part in parts if part is not None]
    return np.concatenate(known)[span] if known else None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Tuples as lists, as JSON would give them back."""
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain
