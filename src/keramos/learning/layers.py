"""Layers: phases that lie in bands across the whole image, as a coating and what grows beneath it do."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.augmentation import Ranges
from keramos.learning.settings import TrainSettings
from keramos.networks import ARCHITECTURES
from keramos.segmenters import planes_of
from keramos.settings.train import Layers

_LEAST_EXPLAINED = 0.4
"""The share of the phases' variance that lies between rows (or columns). Coatings with an oxide beneath have 0.55 to
0.92, superalloys, pores, rocks, electrodes and mitochondria 0.02 to 0.17, over edges of 96 pixels and more."""
_LEAST_KNOWN = 0.5
"""The share of a row that is annotated where it counts, and of rows that count."""
_LEAST_EDGE = 64
_FEWEST_LEVELS = 4


def find_layers(data: AnnotatedSlices) -> Layers:
    """Whether the phases lie in layers, and how these lie in the images: their phase changes from row to row
    (`horizontal`) or from column to column (`vertical`), and hardly along them, in most slices.

    Example:
        >>> import numpy as np
        >>> from keramos.core import VOID_SOLID
        >>> from keramos.learning import AnnotatedSlice
        >>> codes = np.repeat(np.arange(128) // 50 == 1, 128).reshape(128, 128).astype(np.uint8)
        >>> find_layers(AnnotatedSlices((AnnotatedSlice(codes, codes, "a.tif", 0),), VOID_SOLID, None))
        'horizontal'
    """
    rows = [_explain(item.codes, len(data.phases)) for item in data.slices]
    columns = [_explain(item.codes.T, len(data.phases)) for item in data.slices]
    if np.median(rows) >= _LEAST_EXPLAINED:
        return "horizontal"
    return "vertical" if np.median(columns) >= _LEAST_EXPLAINED else "none"


def _explain(codes: NDArray[np.uint8], phases: int) -> float:
    """The share of the phases' variance that lies between rows; 0 where too little of a slice is annotated."""
    known = codes != NOT_ANNOTATED
    counted = known.mean(axis=1) >= _LEAST_KNOWN
    if min(codes.shape) < _LEAST_EDGE or counted.mean() < _LEAST_KNOWN:
        return 0.0
    known, codes = known[counted], codes[counted]
    between = total = 0.0
    for phase in range(phases):
        shares = (codes == phase).sum(axis=1) / known.sum(axis=1)
        whole = np.average(shares, weights=known.sum(axis=1))
        between += float(np.average((shares - whole) ** 2, weights=known.sum(axis=1)))
        total += float(whole * (1 - whole))
    return between / total if total else 0.0


def suit_to_layers(settings: TrainSettings, data: AnnotatedSlices, reporter: Reporter, *, fresh: bool) -> TrainSettings:
    """The settings for images with layers, of which the reporter hears where nobody has said so: large crops that stay
    upright, and a fresh network that sees far. Which layer a place is in shows only from afar, and from what lies above
    and below. Without layers nothing changes."""
    far = ARCHITECTURES[settings.model].far_seeing
    layers = settings.layers
    if layers is None:
        can_choose = fresh and bool(far) and "levels" not in settings.network and settings.augmentation is None
        layers = find_layers(data) if can_choose else "none"
        settings = settings.replace(layers=layers)
        if layers != "none":
            reporter.note(
                f"the labels show {layers} layers: the network sees farther, and learns from large crops that "
                "stay upright (--layers none: as usual)"
            )
    if layers == "none":
        return settings
    crop = settings.crop or _find_crop(data, settings.recipe.far_crop, settings.recipe.crop)
    batch = settings.recipe.muon_far_batch if settings.optimiser == "muon" else settings.recipe.far_batch
    chosen: dict[str, Any] = {"crop": crop, "batch": settings.batch or batch}
    chosen["augmentation"] = settings.augmentation or upright_ranges(layers, planes_of(settings.model))
    if fresh and far:
        # The edge of a crop is a multiple of the network's coarsest pixel.
        levels = min(far["levels"], (crop & -crop).bit_length() - 1)
        chosen["network"] = {**far, "levels": max(levels, _FEWEST_LEVELS), **settings.network}
    return settings.replace(**chosen)


def upright_ranges(layers: Layers, planes: int) -> Ranges:
    """Ranges of changes that leave layers in their order: mirrored along them only, and with several slices never in
    y. Crops stay inside the images, beyond which there would be mirrored layers."""
    along: Literal["x", "y"] = "x" if layers == "horizontal" else "y"
    return Ranges(any_rotation=False, mirrored=along if planes == 1 or along == "x" else None, inside=True)


def _find_crop(data: AnnotatedSlices, far: int, usual: int) -> int:
    """The edge of crops that fit into the slices: the large one, or as many times the coarsest pixels as there are."""
    smallest: int = min(min(item.codes.shape) for item in data.slices)
    return max(usual, min(far, smallest // _LEAST_EDGE * _LEAST_EDGE))
