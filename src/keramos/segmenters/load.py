"""Segmenters by name or from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from keramos.core import Box, Volume
from keramos.core.errors import MissingFileError
from keramos.networks import BUNDLED, Checkpoint, bundled_checkpoint, load_checkpoint
from keramos.segmenters.network import NetworkSegmenter
from keramos.segmenters.otsu import Otsu
from keramos.segmenters.sauvola import Sauvola
from keramos.segmenters.segmenter import Segmenter

THRESHOLDS = ("otsu", "sauvola")


def load_segmenter(model: str | Path, volume: Volume, *, device: str = "cpu", average_views: bool = False) -> Segmenter:
    """The segmenter called `otsu` or `sauvola`, the bundled model of that name, or the one in a checkpoint file, for
    the grey values of `volume`.

    Raises:
        MissingFileError, FormatError: `model` is neither a name nor a checkpoint.
    """
    if str(model) == "otsu":
        return Otsu()
    if str(model) == "sauvola":
        return Sauvola(r=half_range(volume))
    bundled = bundled_checkpoint(str(model), volume.shape[0])
    if bundled is not None:
        return segmenter_of(bundled, device=device, average_views=average_views)
    if not Path(model).is_file():
        raise MissingFileError(
            f"expected a model file, otsu, sauvola or {' or '.join(BUNDLED)}, found no file '{model}'; train one with "
            "`keramos train`"
        )
    return segmenter_of(load_checkpoint(model), device=device, average_views=average_views)


def segmenter_of(checkpoint: Checkpoint, *, device: str = "cpu", average_views: bool = False) -> Segmenter:
    """The segmenter that a checkpoint holds: a network, or a threshold whose parameters were chosen on a slice."""
    card = checkpoint.card
    settings: dict[str, Any] = card.architecture_settings
    if card.architecture == "otsu":
        return Otsu(card.phase_table, tuple(settings["codes_by_grey"]), settings["scope"])
    if card.architecture == "sauvola":
        return Sauvola(card.phase_table, **settings)
    return NetworkSegmenter(checkpoint, device, average_views)


def half_range(volume: Volume) -> float:
    """Half the range of grey values: of the type for 8- and 16-bit images, else of the middle slice."""
    dtype = volume.dtype
    if np.issubdtype(dtype, np.integer) and dtype.itemsize <= 2:
        info = np.iinfo(dtype)
        return float(int(info.max) - int(info.min) + 1) / 2
    depth, height, width = volume.shape
    pixels = volume.read(Box((depth // 2, 0, 0), (depth // 2 + 1, height, width)))
    return float(np.ptp(pixels)) / 2 or 1.0
