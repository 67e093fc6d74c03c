"""The source and the files behind a view of pixels, whatever other views lie in between."""

from __future__ import annotations

from pathlib import Path

from keramos.core import PixelSource, SourceView


def source_behind(source: PixelSource) -> PixelSource:
    """The source of all pixels that a view, or a view of a view, shows."""
    while isinstance(source, SourceView):
        source = source.source
    return source


def files_behind(source: PixelSource) -> tuple[Path, ...]:
    """The files behind a source, all of them where it shows a part; none for pixels in memory. One file of an OME-TIFF
    may stand for all of its stack."""
    while not hasattr(source, "files") and isinstance(source, SourceView):
        source = source.source
    files: tuple[Path, ...] = getattr(source, "files", ())
    return files
