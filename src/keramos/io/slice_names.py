"""The numbers and lengths in the names of slice files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from keramos.acquisition import Fact
from keramos.core import Finding
from keramos.core.finding import UNEVEN_STEPS
from keramos.io.units import nm_per

# A number with a unit of length may have decimals and, after `=`, a sign; others are digits only, as in `2024.03.05`.
_NUMBER = re.compile(
    r"(?P<length>(?:(?<==)[-+])?[0-9]+(?:\.[0-9]+)?)(?P<unit>nm|um|µm|μm|mm)(?![a-z])|(?P<count>[0-9]+)", re.IGNORECASE
)

_NAMED = "positions in the file names"
_EVEN = 0.1
"""The range of distances of slices, as a share, that is taken as rounding."""


@dataclass(frozen=True)
class SliceName:
    """The name of a slice file, taken apart.

    Attributes:
        skeleton: the name with `#` for each number; the suffix in lower case.
        numbers: the values of the numbers, lengths in nm.
        is_length: of each number, whether it has a unit of length.

    Example:
        >>> SliceName.of(Path("slice_00007_z=0.1400um.TIF"))
        SliceName(skeleton='slice_#_z=#um.tif', numbers=(7, 140.0), is_length=(False, True))
    """

    skeleton: str
    numbers: tuple[float, ...]
    is_length: tuple[bool, ...]

    @classmethod
    def of(cls, path: Path) -> SliceName:
        matches = list(_NUMBER.finditer(path.stem))
        skeleton = _NUMBER.sub(lambda match: f"#{match['unit'] or ''}", path.stem) + path.suffix.lower()
        return cls(skeleton, tuple(_value(match) for match in matches), tuple(bool(match["unit"]) for match in matches))


def natural_order(path: Path) -> list[tuple[int, float, str]]:
    """A sorting key in which numbers count by value."""
    key: list[tuple[int, float, str]] = []
    end, text = 0, path.as_posix().lower()
    for match in _NUMBER.finditer(text):
        if match.start() > end:
            key.append((1, 0, text[end : match.start()]))
        key.append((0, _value(match), ""))
        end = match.end()
    return [*key, (1, 0, text[end:])]


def counting_field(names: Sequence[SliceName]) -> int | None:
    """The place of the number, in names of one skeleton, that counts up in even steps but for gaps; None if none does.

    Of several it is the most even, then a number before a length, then the one with the smaller step.
    """
    best: tuple[int, bool, float, int] | None = None
    for field, values in enumerate(columns_of(names)):
        steps = Counter(round(b - a, 6) for a, b in pairwise(values))
        step, often = steps.most_common(1)[0] if steps else (0, 0)
        if step <= 0 or min(steps) <= 0 or often * 2 < len(values) - 1:
            continue
        if not names[0].is_length[field] and any(other % step for other in steps):
            continue  # a time of day, such as 120030 and 120100, leaves no slices out
        score = (-often, names[0].is_length[field], step, field)
        best = score if best is None else min(best, score)
    return None if best is None else best[-1]


def pitch_of(files: Sequence[Path]) -> tuple[dict[str, Fact], list[Finding]]:
    """The edge along z in nm by the positions in the names of slices, if all have one, and a note where it varies."""
    places = positions_of(files)
    if places is None:
        return {}, []
    names = [SliceName.of(path) for path in files]
    columns, counter = columns_of(names), counting_field(names)
    counts = range(len(names)) if counter is None or names[0].is_length[counter] else columns[counter]
    steps = [abs(b - a) / (n - m) for (a, b), (m, n) in zip(pairwise(places), pairwise(counts), strict=True)]
    pitch = float(f"{median(steps):.9g}")
    fact = Fact(pitch, f"{_NAMED}, such as {files[0].name}")
    if max(steps) - min(steps) <= _EVEN * pitch:
        return {"z": fact}, []
    uneven = Finding(
        "slice-thickness",
        f"by the positions in their names the slices in {files[0].parent} are {min(steps):.4g} to {max(steps):.4g} nm "
        "apart",
        f"all are taken as {pitch:g} nm thick, which shifts what lies deep and blurs anisotropy",
        severity="note",
        topic=UNEVEN_STEPS,
    )
    return {"z": fact}, [uneven]


def positions_of(files: Sequence[Path]) -> tuple[float, ...] | None:
    """The position of each slice along z in nm by the names of the files; None where these do not all have one.

    Example:
        >>> positions_of([Path(f"slice_{z}_z={z * 0.01:.4f}um.tif") for z in range(3)])
        (0.0, 10.0, 20.0)
    """
    names = [SliceName.of(path) for path in files]
    if len(names) < 3 or len({name.skeleton for name in names}) > 1:
        return None
    lengths = zip(columns_of(names), names[0].is_length, strict=True)
    return next((column for column, is_length in lengths if is_length and _is_monotone(column)), None)


def is_named(edge: Fact | None) -> bool:
    """Whether it is the names of files that state an edge."""
    return edge is not None and edge.source.startswith(_NAMED)


def _is_monotone(values: Sequence[float]) -> bool:
    return all(b > a for a, b in pairwise(values)) or all(b < a for a, b in pairwise(values))


def columns_of(names: Sequence[SliceName]) -> list[tuple[float, ...]]:
    """The values of each number over names of one skeleton."""
    return list(zip(*(name.numbers for name in names), strict=True))


def _value(match: re.Match[str]) -> float:
    if match["count"]:
        return int(match["count"])
    length = float(match["length"]) * (nm_per(match["unit"]) or 1.0)
    return float(f"{length:.12g}")
