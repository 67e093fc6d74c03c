"""Raw slices in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import ArraySource, LabelVolume
from keramos.core.progress import Progress, silent
from keramos.simulation.body import Body
from keramos.simulation.imaging import Imaging
from keramos.simulation.raw.settings import RawSettings
from keramos.simulation.raw.stack import RawStack
from keramos.simulation.raw.truth import describe_truth


@dataclass(frozen=True, eq=False)
class RawPhantom:
    """Raw slices of a phantom with all that is known of them.

    Attributes:
        images: the files' images with their information bars, in the order of the files (Z Y X).
        labels: the specimen on an even grid without drift.
        truth: see `describe_truth`; `truth["slices"][n]` belongs to `images[n]`.
    """

    images: NDArray[Any]
    labels: LabelVolume
    truth: dict[str, Any]

    @property
    def pictures(self) -> NDArray[Any]:
        """The images without their information bars (Z Y X)."""
        pictures: NDArray[Any] = self.images[:, : self.truth["image_shape"][0]]
        return pictures

    @property
    def offsets_px(self) -> NDArray[np.float64]:
        """Offsets (slices, Y X): the pixel (y, x) of an image shows the specimen at (y + dy, x + dx)."""
        return np.array([row["offset_px"] for row in self.truth["slices"]], dtype=np.float64)

    @property
    def z_nm(self) -> NDArray[np.float64]:
        """Positions of the sections that the images show, the first at 0."""
        return np.array([row["z_nm"] for row in self.truth["slices"]], dtype=np.float64)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Whether each image is neither blank nor a repetition."""
        return np.array([not row["blank"] and row["repeats"] is None for row in self.truth["slices"]])


def make_raw_phantom(
    settings: RawSettings,
    *,
    body: Body | None = None,
    microscope: Imaging | None = None,
    without: tuple[str, ...] = (),
    progress: Progress = silent,
) -> RawPhantom:
    """Raw slices of a phantom, in memory. The same settings give the same bytes.

    For a pair with and without a defect, make it twice, once `without` it: body, drift, positions and all other defects
    stay the same; the noise has the same random numbers, and its strength follows the grey value.

    Args:
        settings: what to simulate; `severity=0` with `drift_shear=(0, 0)` and `bad_slices=False` is a clean stack.
        body: a body in place of the preset's, such as `Fibres(1, axis=(1, 1, 0))`.
        microscope: imaging parameters in place of those drawn from the seed.
        without: names of defects that do not happen, such as `curtains`, `shading` or `noise`.
        progress: receives the number of finished slices.

    Raises:
        SettingsError, ShapeError: as `RawSettings` and `PhantomStack`.

    Example:
        >>> settings = RawSettings((8, 40, 48), raw="thermo", seed=1)
        >>> raw, clean = make_raw_phantom(settings), make_raw_phantom(settings, without=("curtains",))
        >>> raw.images.shape, raw.pictures.shape, raw.offsets_px.shape, int(raw.usable.sum())
        ((7, 52, 48), (7, 40, 48), (7, 2), 5)
        >>> bool((raw.offsets_px == clean.offsets_px).all()), bool((raw.pictures == clean.pictures).all())
        (True, False)
    """
    stack = RawStack(settings, body, microscope, without)
    images, truth = [], []
    for slab in stack.slabs(progress=progress):
        images.append(slab.images)
        truth.append(slab.truth)
    labels = LabelVolume(
        ArraySource(np.concatenate(truth)),
        settings.section_voxels,
        f"truth of raw phantom {settings.preset}",
        stack.even.provenance,
        phases=stack.even.phases,
    )
    return RawPhantom(np.concatenate(images), labels, describe_truth(stack))
