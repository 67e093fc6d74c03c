"""Strips and tiles of a TIFF held against the pixels that they are to hold, before any is decoded."""

from __future__ import annotations

from math import prod
from pathlib import Path

import tifffile

from keramos.core import size_in_words
from keramos.core.errors import FormatError
from keramos.io.plausible import DEFLATE_RATIO, refuse_inflated, refuse_lengths
from keramos.io.tiff_series import run_start

_RATIOS = {1: 1, 5: 1400, 8: DEFLATE_RATIO, 32946: DEFLATE_RATIO, 32773: 64}
"""The most bytes made of one, by the number of the compression: none, LZW, deflate (twice), PackBits."""
_OTHER_RATIO = 2**16
_ROOMY = 2**22


def refuse_segments(series: tifffile.TiffPageSeries, path: Path) -> None:
    """FormatError for lengths that no image has, tiles far larger than the image, strips or tiles that are missing,
    and more pixels than the compressed bytes can hold."""
    key = series.keyframe
    refuse_lengths(path, series.shape)
    bits = key.bitspersample if isinstance(key.bitspersample, int) else max(key.bitspersample)
    decoded = prod(key.shape) * bits // 8
    cell = prod(key.chunks) * bits // 8 if key.chunks else decoded
    if cell > 4 * decoded + _ROOMY:
        raise FormatError(
            f"expected tiles no larger than the image in {path}, found tiles of {size_in_words(cell)} for an image of "
            f"{size_in_words(decoded)}; export it again"
        )
    if run_start(series) is not None:
        return
    for number, page in enumerate(series.pages):
        if page is None:
            continue
        counts = page.databytecounts
        if len(counts) < prod(page.chunked) or 0 in counts:
            raise FormatError(f"expected the pixels of slice {number} in {path}, found parts missing; export it again")
        ratio = _RATIOS.get(int(page.compression), _OTHER_RATIO)
        refuse_inflated(path, decoded, sum(counts), ratio, f"the pixels of slice {number}")
