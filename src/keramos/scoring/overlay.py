"""Pictures of the errors of a prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import LabelError, ShapeError
from keramos.core.files import whole_file

Colour = tuple[int, int, int]

# Colours are named as in Hirabayashi et al. (2024). The shades separate the two kinds of error from each other and from
# correct voxels, also for colour-blind readers: correct voxels are pale or dull, errors bright.
TRUE_POSITIVE: Colour = (176, 206, 232)
"""Pale blue: true positive."""
FALSE_POSITIVE: Colour = (0, 196, 204)
"""Aqua: false positive."""
FALSE_NEGATIVE: Colour = (255, 214, 10)
"""Yellow: false negative."""
TRUE_NEGATIVE: Colour = (94, 62, 42)
"""Brown: true negative."""


def draw_error_overlay(
    image: NDArray[np.generic], prediction: NDArray[np.uint8], truth: NDArray[np.uint8], positive: int
) -> NDArray[np.uint8]:
    """True and false positives and negatives in four colours, as an RGB picture (Y X 3).

    Args:
        image: grey values (Y X), shown where the truth is unannotated or there is no prediction.
        prediction, truth: phase codes (Y X).
        positive: code of the phase of interest.

    Raises:
        ShapeError: the three are not 2-D arrays of one shape.
        LabelError: `positive` is not the code of a phase.
    """
    if image.ndim != 2 or image.shape != prediction.shape or image.shape != truth.shape:
        raise ShapeError(
            "expected a slice's image, prediction and truth of one shape (y, x), "
            f"found {image.shape}, {prediction.shape} and {truth.shape}"
        )
    if not 0 <= positive < NOT_ANNOTATED:
        raise LabelError(f"expected a positive code of 0 to {NOT_ANNOTATED - 1}, found {positive}")
    rgb = np.repeat(stretch_grey(image)[..., None], 3, axis=2)
    scored = (truth != NOT_ANNOTATED) & (prediction != NOT_ANNOTATED)
    called, true = prediction == positive, truth == positive
    rgb[scored & called & true] = TRUE_POSITIVE
    rgb[scored & called & ~true] = FALSE_POSITIVE
    rgb[scored & ~called & true] = FALSE_NEGATIVE
    rgb[scored & ~called & ~true] = TRUE_NEGATIVE
    return rgb


def stretch_grey(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Grey values stretched to 0 ... 255 (uint8) between their 0.5 and 99.5 percentiles; a constant image is mid-grey.

    Example:
        >>> stretch_grey(np.array([[5, 5]])).tolist()
        [[128, 128]]
    """
    values = np.asarray(image, np.float32)
    low, high = np.percentile(values, [0.5, 99.5])
    if not high > low:
        return np.full(values.shape, 128, np.uint8)
    stretched: NDArray[np.uint8] = np.rint(np.clip((values - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    return stretched


def save_png(rgb: NDArray[np.uint8], path: Path) -> None:
    """Write an RGB (Y X 3) or grey (Y X) picture, whole or not at all, and say in it who made it. StorageError if it
    cannot be written."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    about.add_text("Software", "Keramos")
    with whole_file(path) as partial:
        Image.fromarray(rgb).save(partial, format="PNG", optimize=True, pnginfo=about)
