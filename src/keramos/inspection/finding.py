"""Something that is probably wrong, said in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keramos.core.progress import Reporter


@dataclass(frozen=True, slots=True)
class Finding:
    """What is off: its `kind`, for programs, and a sentence with the numbers and what to do."""

    kind: str
    text: str


def tell(findings: Sequence[Finding], reporter: Reporter) -> None:
    """Say each of them."""
    for finding in findings:
        reporter.finding(finding.kind, finding.text)


def share(value: float) -> str:
    """A fraction as per cent with two digits or so: `78 %`, `4.2 %`, `0.03 %`."""
    return f"{100 * value:.0f} %" if value >= 0.095 else f"{100 * value:.2g} %"
