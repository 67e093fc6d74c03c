"""How the samples differ, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from keramos.reports.microstructure.samples_table import SampleRow

_TOLD = ("phase fraction", "specific surface area")


def lead(rows: Sequence[SampleRow], names: Sequence[str]) -> str:
    """Of the first further sample: the fraction of the last phase, and its surface, against the first sample."""
    sentences = [sentence for name in _TOLD if (sentence := _sentence(rows, names, name))]
    return " ".join(sentences) or f"{' and '.join(names)} have no quantity in common that has an interval."


def _sentence(rows: Sequence[SampleRow], names: Sequence[str], name: str) -> str:
    row = next((row for row in reversed(rows) if row.name == name), None)
    if row is None:
        return ""
    (first, other), difference = row.samples[:2], row.differences[0]
    text = f"The {name} of {row.where} is {first.value} in {names[0]} and {other.value} in {names[1]}"
    if not difference.interval:
        return f"{text}."
    sure = "more than chance" if difference.apart else "no more than chance would give"
    return f"{text}: a difference of {difference.value} [{difference.interval}], {sure}."
