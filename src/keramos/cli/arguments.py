"""Options of one or more values (`--images a.tif b.tif`), which click does not know: one option for each value."""

from __future__ import annotations

from collections.abc import Sequence

MANY = ("--images", "--labels", "--slices", "--leave-out", "--hand-labels")


def repeated(arguments: Sequence[str]) -> list[str]:
    """The arguments with each value of an option in `MANY` behind an option of its own; up to the next option."""
    out: list[str] = []
    option: str | None = None
    for argument in arguments:
        if argument in MANY:
            option = argument
            fresh = True
            out.append(argument)
        elif argument.startswith("--") or (argument.startswith("-") and not _is_number(argument)):
            option = None
            out.append(argument)
        elif option is not None and not fresh:
            out += [option, argument]
        else:
            fresh = False
            out.append(argument)
    return out


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
