"""Random changes that a slice may undergo and stay the same material: drawn first, applied after.

Ranges are those of the prototype that the compact network was chosen with: any rotation, 25 % zoom, flips; and of
the image alone brightness, contrast, a linear shading gradient and noise, in units of the training images' standard
deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log, pi, sin

import numpy as np
import torch
from torch import Tensor

from keramos.volume import VoxelSize

_ZOOM = log(1.25)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What happens to one crop. `matrix` maps crop offsets (x, y; pixels) to image offsets."""

    matrix: tuple[tuple[float, float], tuple[float, float]]
    contrast: float
    brightness: float
    gradient: tuple[float, float]
    noise: float


def draw_augmentation(rng: np.random.Generator, voxel_size: VoxelSize | None = None) -> Augmentation:
    """Draw one. Rotation turns the material, not the pixel grid, so it knows the pixels' shape (square if unknown)."""
    angle = rng.uniform(0, 2 * pi)
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
    )


def change_grey(grey: Tensor, change: Augmentation, generator: torch.Generator) -> Tensor:
    """Apply the changes of grey level to one crop (..., Y, X) of normalised grey values."""
    height, width = grey.shape[-2:]
    y = torch.linspace(-1, 1, height)[:, None]
    x = torch.linspace(-1, 1, width)[None, :]
    shading = change.gradient[0] * y + change.gradient[1] * x
    noise = torch.randn(grey.shape, generator=generator) * change.noise
    return grey * change.contrast + change.brightness + shading + noise
