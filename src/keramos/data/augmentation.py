"""Random changes that a slice and its neighbours may undergo and stay the same material: drawn first, applied after.

Ranges are those of the prototype that the compact network was chosen with: any rotation, 25 % zoom, flips; and of
the image alone brightness, contrast, a linear shading gradient and noise, in units of the training images' standard
deviation. Neighbouring slices are looked at along a slanted line of sight: with them the view stays upright, nothing is
mirrored in y, and z keeps its order. They also jitter, change in brightness, and may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log, pi, sin

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keramos.volume import VoxelSize

_ZOOM = log(1.25)
_UPRIGHT = pi / 18
"""Ten degrees: the line of sight stays within what a stage may be turned by."""
_JITTER_PIXELS = 0.6
_PLANE_BRIGHTNESS = 0.08
_MISSING = 0.15
"""How often neighbours are missing, as at the ends of a stack and beside a lost slice."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What happens to one crop. `matrix` maps crop offsets (x, y; pixels) to image offsets.

    For each plane: `jitter` (y, x) in pixels, `flicker` in standard deviations, and `shown`, which plane stands there.
    """

    matrix: tuple[tuple[float, float], tuple[float, float]] = ((1.0, 0.0), (0.0, 1.0))
    contrast: float = 1.0
    brightness: float = 0.0
    gradient: tuple[float, float] = (0.0, 0.0)
    noise: float = 0.0
    jitter: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    flicker: tuple[float, ...] = (0.0,)
    shown: tuple[int, ...] = (0,)

    @property
    def keeps_pixels(self) -> bool:
        """Whether pixels stay pixels, at most mirrored: nothing is interpolated if the crop lies on the pixel grid."""
        return self.matrix in _MIRRORS


_MIRRORS = (((1.0, 0.0), (0.0, 1.0)), ((-1.0, 0.0), (0.0, 1.0)))


def unchanged(planes: int = 1) -> Augmentation:
    """A crop as the microscope saw it."""
    return Augmentation(jitter=((0.0, 0.0),) * planes, flicker=(0.0,) * planes, shown=tuple(range(planes)))


def draw_augmentation(
    rng: np.random.Generator, voxel_size: VoxelSize | None = None, planes: int = 1, *, upright: bool | None = None
) -> Augmentation:
    """Draw one. Rotation turns the material, not the pixel grid, so it knows the pixels' shape (square if unknown).

    `upright` keeps the direction in which the microscope looks; that is so with neighbours, unless said otherwise.
    """
    upright = planes > 1 if upright is None else upright
    angle = rng.normal(0, _UPRIGHT / 2) if upright else rng.uniform(0, 2 * pi)
    zoom = float(np.exp(rng.uniform(-_ZOOM, _ZOOM)))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    shape = 1.0 if voxel_size is None else voxel_size.y_nm / voxel_size.x_nm
    c, s = cos(angle) / zoom, sin(angle) / zoom
    # Pixels to length, rotate and zoom, length to pixels: an offset of one row is `shape` columns long.
    matrix = ((flip * c, -s * shape), (flip * s / shape, c))
    return Augmentation(
        matrix,
        contrast=float(rng.uniform(0.75, 1.25)),
        brightness=float(rng.normal(0, 0.25)),
        gradient=(float(rng.normal(0, 0.25)), float(rng.normal(0, 0.25))),
        noise=float(rng.uniform(0, 0.3)),
        **_draw_planes(rng, planes),
    )


def _draw_planes(rng: np.random.Generator, planes: int) -> dict[str, tuple]:  # type: ignore[type-arg]
    """Jitter, flicker and missing neighbours; the middle plane, whose labels are known, stays as it is."""
    if planes == 1:
        return {}
    middle = planes // 2
    jitter = rng.normal(0, rng.uniform(0, _JITTER_PIXELS), (planes, 2))
    flicker = rng.normal(0, _PLANE_BRIGHTNESS, planes)
    jitter[middle], flicker[middle] = 0.0, 0.0
    shown = np.arange(planes)
    if rng.random() < _MISSING:
        shown = np.clip(shown, middle - rng.integers(0, middle + 1), middle + rng.integers(0, middle + 1))
    return {
        "jitter": tuple((float(y), float(x)) for y, x in jitter),
        "flicker": tuple(flicker.tolist()),
        "shown": tuple(shown.tolist()),
    }


def places_seen(
    change: Augmentation, size: int, row: float, column: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows and columns of the image (S, S) that the pixels of a crop centred at `row`, `column` show."""
    offset = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)
    (xx, xy), (yx, yy) = change.matrix
    rows = np.float32(row) + np.float32(yx) * offset[None, :] + np.float32(yy) * offset[:, None]
    columns = np.float32(column) + np.float32(xx) * offset[None, :] + np.float32(xy) * offset[:, None]
    return rows, columns


def change_grey(grey: Tensor, change: Augmentation, generator: torch.Generator) -> Tensor:
    """Apply the changes of grey level to one crop (planes, Y, X) of normalised grey values."""
    height, width = grey.shape[-2:]
    y = torch.linspace(-1, 1, height)[:, None]
    x = torch.linspace(-1, 1, width)[None, :]
    shading = change.gradient[0] * y + change.gradient[1] * x + change.brightness
    flicker = torch.tensor(change.flicker)[:, None, None]
    noise = torch.randn(grey.shape, generator=generator)
    return (grey * change.contrast).add_(shading + flicker).add_(noise, alpha=change.noise)
