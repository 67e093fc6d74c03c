"""Random changes that a slice and its neighbours may undergo and stay the same material: drawn first, applied after.

Ranges are those of the prototype that the compact network was chosen with: any rotation, 25 % zoom, flips; and of
the image alone brightness, contrast, a linear shading gradient and noise, in units of the training images' standard
deviation. Neighbouring slices are imaged along a slanted line of sight: with them rotations are small, nothing is
mirrored in y, and z keeps its order. They also jitter, change in brightness, and may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log, pi, sin
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from keramos.core import VoxelSize


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of random changes. Grey values in standard deviations of the training images, the rest as stated.

    Attributes:
        any_rotation: turned by any angle and mirrored in y, too; else by about `rotation` (radians, two standard
            deviations), so that the microscope looks the same way.
        mirrored: the axis along which half of the crops are mirrored, if any.
        inside: whether crops stay inside the image as far as it goes; else their centres do.
        zoom: largest factor up or down.
        contrast: largest relative change.
        brightness, gradient: standard deviations of a constant and of the rise to an edge of the crop.
        noise: largest standard deviation.
        jitter: largest standard deviation (pixels) of where neighbouring slices lie. Zero where the truth is what
            lies there on the average of slices, as in phantoms, whose own jitter is to be seen through.
        flicker: standard deviation of the brightness of neighbouring slices.
        missing: how often neighbours are missing, as at the ends of a stack and beside a lost slice.
    """

    any_rotation: bool = True
    rotation: float = pi / 18
    mirrored: Literal["x", "y"] | None = "x"
    inside: bool = False
    zoom: float = 1.25
    contrast: float = 0.25
    brightness: float = 0.25
    gradient: float = 0.25
    noise: float = 0.3
    jitter: float = 0.6
    flicker: float = 0.08
    missing: float = 0.15


def usual_ranges(planes: int) -> Ranges:
    """The ranges used by default: with neighbours the view stays upright."""
    return Ranges(any_rotation=planes == 1)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The changes of one crop. `matrix` maps crop offsets (x, y; pixels) to image offsets.

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


def no_augmentation(planes: int = 1) -> Augmentation:
    """A crop as the microscope saw it."""
    return Augmentation(jitter=((0.0, 0.0),) * planes, flicker=(0.0,) * planes, shown=tuple(range(planes)))


def draw_augmentation(
    rng: np.random.Generator, voxel_size: VoxelSize | None = None, planes: int = 1, ranges: Ranges | None = None
) -> Augmentation:
    """Draw one. Rotation turns the material, not the pixel grid, so it knows the pixels' shape (square if unknown)."""
    ranges = ranges or usual_ranges(planes)
    angle = rng.uniform(0, 2 * pi) if ranges.any_rotation else rng.normal(0, ranges.rotation / 2)
    zoom = float(np.exp(rng.uniform(-1, 1) * log(ranges.zoom)))
    flip = -1.0 if rng.random() < 0.5 and ranges.mirrored else 1.0
    flip_x, flip_y = (flip, 1.0) if ranges.mirrored == "x" else (1.0, flip)
    shape = 1.0 if voxel_size is None else voxel_size.y_nm / voxel_size.x_nm
    c, s = cos(angle) / zoom, sin(angle) / zoom
    # Pixels to length, rotate and zoom, length to pixels: an offset of one row is `shape` columns long.
    matrix = ((flip_x * c, -flip_y * s * shape), (flip_x * s / shape, flip_y * c))
    return Augmentation(
        matrix,
        contrast=float(rng.uniform(1 - ranges.contrast, 1 + ranges.contrast)),
        brightness=float(rng.normal(0, ranges.brightness)),
        gradient=(float(rng.normal(0, ranges.gradient)), float(rng.normal(0, ranges.gradient))),
        noise=float(rng.uniform(0, ranges.noise)),
        **_draw_planes(rng, planes, ranges),
    )


def _draw_planes(rng: np.random.Generator, planes: int, ranges: Ranges) -> dict[str, Any]:
    """Jitter, flicker and missing neighbours; the middle plane, whose labels are known, stays as it is."""
    if planes == 1:
        return {}
    middle = planes // 2
    jitter = rng.normal(0, rng.uniform(0, 1) * ranges.jitter, (planes, 2))
    flicker = rng.normal(0, ranges.flicker, planes)
    jitter[middle], flicker[middle] = 0.0, 0.0
    shown = np.arange(planes)
    if rng.random() < ranges.missing:
        shown = np.clip(shown, middle - rng.integers(0, middle + 1), middle + rng.integers(0, middle + 1))
    return {
        "jitter": tuple((float(y), float(x)) for y, x in jitter),
        "flicker": tuple(flicker.tolist()),
        "shown": tuple(shown.tolist()),
    }


def image_positions(
    change: Augmentation, size: int, row: float, column: float, device: str | torch.device = "cpu"
) -> tuple[Tensor, Tensor]:
    """Rows and columns of the image (S, S) that the pixels of a crop centred at `row`, `column` show."""
    offset = torch.arange(size, dtype=torch.float32, device=device) - (size - 1) / 2
    (xx, xy), (yx, yy) = change.matrix
    rows = row + yx * offset[None, :] + yy * offset[:, None]
    columns = column + xx * offset[None, :] + xy * offset[:, None]
    return rows, columns


def change_grey(grey: Tensor, change: Augmentation, generator: torch.Generator) -> Tensor:
    """Apply the changes of grey level to one crop (planes, Y, X) of normalised grey values."""
    height, width = grey.shape[-2:]
    y = torch.linspace(-1, 1, height, device=grey.device)[:, None]
    x = torch.linspace(-1, 1, width, device=grey.device)[None, :]
    shading = change.gradient[0] * y + change.gradient[1] * x + change.brightness
    flicker = torch.tensor(change.flicker).to(grey.device)[:, None, None]
    noise = draw_noise(tuple(grey.shape), generator)
    return (grey * change.contrast).add_(shading + flicker).add_(noise, alpha=change.noise)


def draw_noise(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Noise of deviation 1, on the generator's device."""
    return torch.randn(shape, generator=generator, device=generator.device)
