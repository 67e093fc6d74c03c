"""The differences between the samples, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from keramos.reports.microstructure.samples_table import SampleRow


def lead(rows: Sequence[SampleRow], names: Sequence[str]) -> str:
    """Sentences on the first further sample against the first: the quantities of the last phase whose specification
    wants them told."""
    last = {row.id: row for row in rows if row.comparison == "told"}
    return " ".join(_sentence(row, names) for row in last.values()) or (
        f"{' and '.join(names)} have no quantity in common that has an interval."
    )


def _sentence(row: SampleRow, names: Sequence[str]) -> str:
    (first, other), difference = row.samples[:2], row.differences[0]
    text = f"The {row.name} of {row.where} is {first.value} in {names[0]} and {other.value} in {names[1]}"
    if not difference.interval:
        return f"{text}."
    sure = "more than chance" if difference.apart else "no more than chance would give"
    return f"{text}: a difference of {difference.value} [{difference.interval}], {sure}."
