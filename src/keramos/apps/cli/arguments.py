"""Options of one or more values (`--images a.tif b.tif`), which click does not know: one option for each value."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PATHS = ("--images", "--labels", "--test-images", "--test-labels")
_NUMBERS = ("--slices", "--test-slices", "--leave-out", "--hand-labels", "--train-z", "--test-z", "--annotated")
_WORDS = ("--phase", "--conductivity")
_TAKE_PATHS = ("train", "compare")
"""Commands whose `--images` and the like take several paths: they have no arguments of their own to be mistaken for."""


def repeated(arguments: Sequence[str]) -> list[str]:
    """The arguments with each value of an option of several behind an option of its own.

    Paths go up to the next option, numbers up to the first word that is no slice number.
    """
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    paths = _PATHS if command in _TAKE_PATHS else _WORDS if command == "quantify" else ()
    out: list[str] = []
    option, values = None, 0
    for argument in arguments:
        if argument.startswith("--") or (argument.startswith("-") and not _is_slices(argument)):
            option, values = (argument if argument in (*paths, *_NUMBERS) else None), 0
            out.append(argument)
            continue
        if option is not None and values and option in _NUMBERS and not _is_slices(argument):
            option = None
        if option is not None and values:
            out.append(option)
        out.append(argument)
        values += 1
    return out


def _is_slices(text: str) -> bool:
    """Whether the word says slices: 48, 10-12 or 3,7."""
    return re.fullmatch(r"-?[\d.]+(?:-\d+)?(?:,\d+(?:-\d+)?)*", text) is not None
