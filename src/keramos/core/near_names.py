"""The name that a misspelt one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a sentence that asks for the nearest of the names; empty where none is near.

    Example:
        >>> did_you_mean("otso", ["otsu", "sauvola"]), did_you_mean("x", ["otsu"])
        ('; did you mean otsu?', '')
    """
    near = get_close_matches(name.lower(), list(names), 1)
    return f"; did you mean {near[0]}?" if near else ""
