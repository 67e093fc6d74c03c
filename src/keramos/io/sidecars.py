"""Text files that microscopes write beside an image, and files that describe the whole stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from keramos.acquisition import Fact, project_patterns, read_project, suffixes_beside
from keramos.io.format import LazyTags

_MOST_BYTES = 1 << 20
"""A text file beside an image is small; a file of that name which is larger is none."""
_MOST_PROJECT_BYTES = 64 << 20
_FOLDERS_UP = 2


def tags_of(path: Path, load: Callable[[Path], Mapping[str, Any]]) -> LazyTags:
    """The raw metadata of an image and, by their suffix, the bytes of the text files that stand beside it; read when
    they are looked at."""
    return LazyTags(lambda: {**_read_beside(path), **load(path)})


def names_beside(path: Path) -> tuple[str, str, str]:
    """The names without a suffix that a text file beside an image has.

    Example:
        >>> names_beside(Path("a.tif"))
        ('a', 'a.tif', 'a-tif')
    """
    return path.stem, path.name, f"{path.stem}-{path.suffix.lstrip('.')}"


def _read_beside(path: Path) -> dict[str, bytes]:
    """The text files beside an image, such as `image.txt`, `image.tif.txt` or `image-tif.hdr`, by their suffix."""
    texts: dict[str, bytes] = {}
    for suffix in suffixes_beside():
        for name in names_beside(path):
            for written in (suffix, suffix.upper()):
                file = path.with_name(name + written)
                with suppress(OSError):
                    if suffix not in texts and file.is_file() and file.stat().st_size <= _MOST_BYTES:
                        texts[suffix] = file.read_bytes()
    return texts


def project_facts(folder: Path) -> dict[str, Fact]:
    """The facts in files that describe a whole stack, in its folder or one of the two above; the nearest wins."""
    facts: dict[str, Fact] = {}
    for file in _projects(folder):
        with suppress(OSError):
            if file.stat().st_size <= _MOST_PROJECT_BYTES:
                facts = {**read_project(file.name, file.read_bytes()), **facts}
    return facts


def _projects(folder: Path) -> Iterator[Path]:
    patterns = project_patterns()
    for place in [folder.absolute(), *folder.absolute().parents][: _FOLDERS_UP + 1]:
        with suppress(OSError):
            names = sorted(file.name for file in place.iterdir())
            yield from (
                place / name for name in names if any(fnmatchcase(name.lower(), pattern) for pattern in patterns)
            )
