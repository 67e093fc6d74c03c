"""Volumes and labels as notebooks show them: a small picture of the middle slice, and facts. Little is read for it."""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core.box import Box, Triple, triple
from keramos.core.byte_size import size_in_words
from keramos.core.errors import KeramosError
from keramos.core.notebook_html import escape_html, facts_html, findings_html, picture_html
from keramos.core.phases import PhaseTable
from keramos.core.share import share_text
from keramos.core.volume import LabelVolume, Volume, piece_shape

_MOST_VOXELS = 2**24
"""Decoded for a picture, all pieces together that it touches."""
_MOST_PIXELS = 256
_UNANNOTATED = (255, 255, 255)


def volume_html(volume: Volume | LabelVolume) -> str:
    """The HTML of a volume."""
    kind = "labels" if isinstance(volume, LabelVolume) else "volume"
    return (
        facts_html(f"{kind} {volume.name}", _facts(volume))
        + (_legend(volume.phases) if isinstance(volume, LabelVolume) else "")
        + _picture(volume)
        + findings_html(volume.findings)
    )


def find_window(shape: Triple, piece: Triple, most: int = _MOST_VOXELS) -> Box | None:
    """The middle slice, or as much of its middle as touches few pieces; None where one piece alone is too large.

    Example:
        >>> find_window((100, 4000, 4000), (1, 4000, 4000)).shape
        (1, 4000, 4000)
        >>> find_window((100, 40_000, 40_000), (64, 64, 64)).shape
        (1, 312, 625)
    """
    if prod(piece) > most:
        return None
    lengths = list(shape[1:])
    while True:
        start = [(whole - length) // 2 for whole, length in zip(shape[1:], lengths, strict=True)]
        touched = [
            (first + length - 1) // edge - first // edge + 1
            for first, length, edge in zip(start, lengths, piece[1:], strict=True)
        ]
        if prod(touched) * prod(piece) <= most or max(lengths) == 1:
            break
        lengths[int(np.argmax(lengths))] = max(1, max(lengths) // 2)
    z = shape[0] // 2
    stop = [first + length for first, length in zip(start, lengths, strict=True)]
    return Box(triple([z, *start]), triple([z + 1, *stop]))


def _facts(volume: Volume | LabelVolume) -> list[tuple[str, object]]:
    size = volume.voxel_size
    facts: list[tuple[str, object]] = [
        ("shape (z, y, x)", " x ".join(map(str, volume.shape))),
        ("voxel size", "unknown" if size is None else size),
    ]
    if size is not None:
        extent = (length * edge / 1000 for length, edge in zip(volume.shape, size.zyx, strict=True))
        facts.append(("extent", " x ".join(f"{edge:.4g}" for edge in extent) + " µm (z y x)"))
    facts.append(("type", f"{volume.dtype}, {size_in_words(volume.box.voxels * volume.dtype.itemsize)}"))
    if any(volume.origin):
        facts.append(("origin in the file", ", ".join(map(str, volume.origin))))
    fractions = getattr(volume, "phase_fractions", None)
    if fractions:
        shares = ", ".join(f"{name} {share_text(share, 2)}" for name, share in fractions.items())
        facts.append(("phase fractions", shares))
    if isinstance(volume, Volume) and volume.others:
        facts.append(("channels", ", ".join(volume.channel_names)))
    return facts


def _picture(volume: Volume | LabelVolume) -> str:
    """The picture; a sentence where there is none."""
    try:
        window = find_window(volume.shape, piece_shape(volume.source))
        if window is None:
            return "<p>no picture: more than 16 million voxels are decoded at once</p>"
        step = max(1, ceil(max(window.shape) / _MOST_PIXELS))
        pixels = volume.read(window)[0, ::step, ::step]
    except (KeramosError, OSError, MemoryError) as error:
        return f"<p>no picture: {escape_html(error)}</p>"
    z = window.start[0] + volume.origin[0]
    part = "" if window.shape[1:] == volume.shape[1:] else f", the middle {window.shape[1]} x {window.shape[2]} pixels"
    rgb = colour(pixels, volume.phases) if isinstance(volume, LabelVolume) else _shade(pixels)
    return picture_html(rgb, f"slice {z}{part}")


def colour(codes: NDArray[Any], table: PhaseTable) -> NDArray[np.uint8]:
    """The codes of a slice in the colours of their phases; what is not annotated is white."""
    palette = np.full((256, 3), _UNANNOTATED, np.uint8)
    palette[: len(table)] = [phase.rgb for phase in table]
    shown: NDArray[np.uint8] = palette[codes]
    return shown


def _shade(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey values from nearly the darkest to nearly the brightest; what is no number is black."""
    values = pixels.astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, (0.5, 99.5)) if finite.size else (0.0, 1.0)
    grey = np.nan_to_num(np.clip((values - low) / max(high - low, 1e-12), 0, 1))
    return np.repeat((255 * grey).astype(np.uint8)[..., None], 3, axis=2)


def _legend(table: PhaseTable) -> str:
    entries = " ".join(
        f'<span style="white-space:nowrap"><span style="background:{escape_html(phase.colour)};display:inline-block;'
        f'width:1em;height:1em;border:1px solid #888"></span> {escape_html(phase.name)}</span>'
        for phase in table
    )
    return f"<div>{entries}</div>"
