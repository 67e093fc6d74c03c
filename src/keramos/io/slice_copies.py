"""Copies that a file manager made of slice files, such as `slice_0007 (1).tif` and `slice_0007 - Copy.tif`."""

from __future__ import annotations

import filecmp
import re
from collections.abc import Sequence
from pathlib import Path

from keramos.core import Finding
from keramos.io.slice_names import SliceName, counting_field

_WORD = r"(?:copy|kopie|copie|copia|cópia)"
_MARKS = (
    re.compile(rf"^{_WORD} (?:\(\d+\) )?(?:of|von|de|di|van) (?P<stem>.+)$", re.IGNORECASE),
    re.compile(rf"^(?P<stem>.+?) ?[-–_] ?{_WORD}(?: ?\(?\d+\)?)?$", re.IGNORECASE),
    re.compile(rf"^(?P<stem>.+?) \(?(?:another |\d+(?:st|nd|rd|th) )?{_WORD}(?: \d+)?\)?$", re.IGNORECASE),
    re.compile(r"^(?P<stem>.+?) ?\(\d+\)$"),
)


def leave_out_copies(files: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """The files without those that are named as a copy of another one and hold the same bytes, and findings about these
    and about those that hold other bytes."""
    originals = {path: original for path in files if (original := find_original(path, set(files))) is not None}
    same = [path for path, original in originals.items() if filecmp.cmp(path, original, shallow=False)]
    kept = [path for path in files if path not in same]
    # Names such as `slice (1)` may number the slices of a whole folder.
    other = [path for path in originals if path not in same] if 2 * len(originals) < len(files) else []
    findings = []
    if same:
        findings.append(_report_same(same, _numbers([originals[path] for path in same], kept)))
    if other:
        findings.append(_report_other(other, _numbers([originals[path] for path in other], kept), kept))
    return kept, findings


def find_original(path: Path, files: set[Path]) -> Path | None:
    """The file of which another one is a copy by its name; None if it is not one.

    Example:
        >>> find_original(Path("s_07 - Copy (2).tif"), {Path("s_07.tif"), Path("s_08.tif")}).name
        's_07.tif'
    """
    stem = path.stem
    while True:
        stripped = next((match["stem"] for mark in _MARKS if (match := mark.match(stem))), None)
        if stripped is None:
            return None
        original = path.with_name(stripped + path.suffix)
        if original in files:
            return original
        stem = stripped


def _report_same(copies: Sequence[Path], numbers: tuple[int, ...]) -> Finding:
    return Finding(
        "repeated-slice",
        f"{len(copies)} file(s) in {copies[0].parent} are copies of others ({_list(copies)})",
        "they are left out of the stack",
        "delete them",
        severity="note",
        numbers=numbers,
    )


def _report_other(copies: Sequence[Path], numbers: tuple[int, ...], kept: Sequence[Path]) -> Finding:
    return Finding(
        "repeated-slice",
        f"{len(copies)} file(s) in {copies[0].parent} are named as copies but differ from what they are copies of "
        f"({_list(copies)})",
        "they count as slices of their own, and all that follow lie too deep",
        "keep one image of each slice in the folder",
        slices=tuple(kept.index(path) for path in copies),
        numbers=numbers,
    )


def _list(files: Sequence[Path]) -> str:
    return ", ".join(path.name for path in files[:4]) + (", ..." if len(files) > 4 else "")


def _numbers(originals: Sequence[Path], kept: Sequence[Path]) -> tuple[int, ...]:
    """The slice numbers in the names of files; none where their names do not count up."""
    like = SliceName.of(originals[0])
    field = counting_field([name for name in map(SliceName.of, kept) if name.skeleton == like.skeleton])
    names = [name for name in map(SliceName.of, originals) if name.skeleton == like.skeleton]
    return () if field is None else tuple(sorted({int(name.numbers[field]) for name in names}))
