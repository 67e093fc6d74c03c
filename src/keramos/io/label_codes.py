"""The values of a label file that stand for each phase, and their translation to phase codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, PhaseTable
from keramos.core.errors import LabelError


@dataclass(frozen=True)
class Claim:
    """The values `low` to `high`, both included, have the code `code`."""

    low: int
    high: int
    code: int


@dataclass(frozen=True)
class CodeMap:
    """The phases of a label file and the values that stand for them; ranges never overlap.

    Raises:
        LabelError: a value claimed twice.
    """

    phases: PhaseTable
    claims: tuple[Claim, ...]
    _lookup: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.claims, key=lambda claim: claim.low))
        for first, second in pairwise(ordered):
            if second.low <= first.high:
                raise LabelError(f"expected each value in one phase only, found {second.low} in two")
        object.__setattr__(self, "claims", ordered)
        object.__setattr__(self, "_lookup", self._search(np.arange(256)))

    @property
    def marks_255(self) -> bool:
        """Whether 255 is read as not annotated."""
        return any(claim.low <= NOT_ANNOTATED <= claim.high and claim.code == NOT_ANNOTATED for claim in self.claims)

    @property
    def identity(self) -> bool:
        """Whether the file's values are the codes."""
        return all(claim.low == claim.high == claim.code for claim in self.claims)

    def translate(self, values: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Codes of integer values, and where no phase claims the value (the code there means nothing)."""
        if values.dtype != np.uint8:
            return self._search(values)
        codes, stray = self._lookup
        if self.identity and (gap := _single_range(stray)) is not None:
            first, last = gap
            return values.copy(), (values >= first) & (values <= last)
        return codes[values], stray[values]

    def _search(self, values: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        lows = np.array([claim.low for claim in self.claims])
        highs = np.array([claim.high for claim in self.claims])
        codes = np.array([claim.code for claim in self.claims], np.uint8)
        at = np.clip(np.searchsorted(lows, values, side="right") - 1, 0, None)
        stray = (values < lows[at]) | (values > highs[at])
        return codes[at], stray


def _single_range(flags: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The first and the last of the flags that are set, if they are all that lie between."""
    at = np.flatnonzero(flags)
    return (int(at[0]), int(at[-1])) if len(at) and at[-1] - at[0] + 1 == len(at) else None


def codes_of_table(phases: PhaseTable, ignore: int | None) -> CodeMap:
    """The file's values are the table's codes; 255 and `ignore` are not annotated."""
    claims = [Claim(code, code, code) for code in range(len(phases)) if code != ignore]
    return CodeMap(phases, (*claims, *_ignore_claims({NOT_ANNOTATED, ignore})))


def codes_of_text(text: str, positive: str | None, ignore: int | None) -> CodeMap:
    """Read `void=0,solid=128-255`: the order gives the codes, ranges include both ends; values may be negative.

    255 is not annotated if no phase claims it and all claimed values are below 128: beside small codes it is the
    usual mark, beside grey-like ranges it would hide a mistake.

    Raises:
        LabelError: the text is not of that form, or a value is claimed twice.

    Example:
        >>> codes, _ = codes_of_text("void=0,solid=128-255", None, None).translate(np.array([0, 128, 255]))
        >>> codes.tolist()
        [0, 1, 1]
    """
    names, claims = [], []
    for code, part in enumerate(text.split(",")):
        match = re.fullmatch(r"\s*([^=]+?)\s*=\s*(-?\d+)\s*(?:-\s*(-?\d+)\s*)?", part)
        if match is None:
            raise LabelError(f"expected phases as void=0,solid=128-255, found '{part.strip()}' in '{text}'")
        low = int(match[2])
        high = int(match[3]) if match[3] else low
        if high < low:
            raise LabelError(f"expected a range from low to high, found {low}-{high} in '{text}'")
        names.append(match[1])
        claims.append(Claim(low, high, code))
    implied = NOT_ANNOTATED if max(claim.high for claim in claims) < 128 else None
    return CodeMap(
        PhaseTable.from_names(names, positive), (*without(claims, ignore), *_ignore_claims({ignore, implied}))
    )


def without(claims: Sequence[Claim], ignore: int | None) -> list[Claim]:
    """The claims with a hole at the ignored value."""
    left = []
    for claim in claims:
        if ignore is None or not claim.low <= ignore <= claim.high:
            left.append(claim)
            continue
        halves = (Claim(claim.low, ignore - 1, claim.code), Claim(ignore + 1, claim.high, claim.code))
        left += [half for half in halves if half.low <= half.high]
    return left


def leave_out(codes: CodeMap, value: int | None) -> CodeMap:
    """The same phases, and `value`, which the file itself leaves out, not annotated."""
    return codes if value is None else CodeMap(codes.phases, (*codes.claims, Claim(value, value, NOT_ANNOTATED)))


def _ignore_claims(values: set[int | None]) -> list[Claim]:
    return [Claim(value, value, NOT_ANNOTATED) for value in values if value is not None]
