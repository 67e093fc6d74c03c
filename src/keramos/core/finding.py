"""A finding: something about the data or a result that the user should know of, as a value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["note", "warning", "fatal"]
_BETWEEN_SLICES = ("missing-slice",)
UNKNOWN_EDGE, UNCORRECTED_TILT, UNEVEN_STEPS = "unknown-edge", "uncorrected-tilt", "uneven-steps"
"""Topics: an edge of a voxel that is not stated, images not stretched for the tilt, slices that lie unevenly."""
_GRAVEST_FIRST = ("fatal", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is probably wrong or worth knowing.

    Attributes:
        kind: an identifier for programs, words joined by hyphens, such as `misplaced-labels`.
        message: what was seen, with its numbers.
        effect: what it does to the result.
        advice: what to do; empty where there is nothing to do.
        severity: `fatal` where a result would be meaningless.
        slices: zero-based z, as in the file, of the slices that it is about; none where it is about all of them.
        numbers: numbers in the names of slice files that it is about, such as those that are missing.
        topic: which doubt it is, where programs tell several of one kind apart.

    Example:
        >>> finding = Finding("blank-slice", "slice 40 is blank", "its voxels are void", "leave it out", slices=(40,))
        >>> finding.text
        'slice 40 is blank: its voxels are void; leave it out'
        >>> Finding.from_json(finding.to_json()) == finding
        True
    """

    kind: str
    message: str
    effect: str
    advice: str = ""
    severity: Severity = "warning"
    slices: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    topic: str = ""

    @property
    def text(self) -> str:
        """All of it in one sentence."""
        return f"{self.message}: {self.effect}" + (f"; {self.advice}" if self.advice else "")

    def to_json(self) -> dict[str, Any]:
        """JSON values by the names of the attributes; `numbers` and `topic` only where there are any."""
        more: dict[str, Any] = {"numbers": list(self.numbers)} if self.numbers else {}
        more |= {"topic": self.topic} if self.topic else {}
        return {
            "kind": self.kind,
            "slices": list(self.slices),
            "severity": self.severity,
            "message": self.message,
            "effect": self.effect,
            "advice": self.advice,
            **more,
        }

    def _repr_html_(self) -> str:
        from keramos.core.notebook_html import findings_html  # late: it is made for findings

        return findings_html([self])

    def is_about(self, first: int, end: int) -> bool:
        """Whether it is about some of the slices `first` to `end` - 1; one about what lies between two slices is if
        both of them are among these.

        Example:
            >>> gap = Finding("missing-slice", "5 is missing", "4 and 6 are taken as neighbours", slices=(4, 5))
            >>> gap.is_about(0, 6), gap.is_about(0, 5), gap.is_about(5, 9)
            (True, False, False)
        """
        inside = {z for z in self.slices if first <= z < end}
        if self.kind in _BETWEEN_SLICES:
            return not self.slices or any(z + 1 in inside for z in inside)
        return not self.slices or bool(inside)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Finding:
        """The inverse of `to_json`. KeyError where something is missing."""
        texts = {name: str(row[name]) for name in ("kind", "message", "effect", "advice")}
        slices, numbers = (tuple(int(z) for z in rows) for rows in (row["slices"], row.get("numbers", ())))
        return cls(**texts, severity=row["severity"], slices=slices, numbers=numbers, topic=str(row.get("topic", "")))


def rank_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, the gravest first."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _GRAVEST_FIRST.index(finding.severity)))


def name_ranges(numbers: Iterable[int]) -> str:
    """Numbers as ranges.

    Example:
        >>> name_ranges([5, 3, 6, 7])
        '3, 5-7'
    """
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in _runs(numbers))


def name_slices(numbers: Collection[int]) -> str:
    """Slices by their numbers.

    Example:
        >>> name_slices([4]), name_slices([4, 5, 8])
        ('slice 4', 'slices 4-5, 8')
    """
    return f"slice{'s' if len(numbers) > 1 else ''} {name_ranges(numbers)}"


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
