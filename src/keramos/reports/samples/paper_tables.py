"""Tables to paste into a paper: of samples, of groups and of trends, as CSV, LaTeX (booktabs) and Markdown."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from keramos.core.files import make_folder, write_texts
from keramos.measurements.groups import ComparedQuantity, GroupComparison
from keramos.reports.microstructure.figures import number, scale_of
from keramos.reports.plain_words import MISSING
from keramos.reports.samples.group_table import effect_text, group_value, rounded_slope, sample_value
from keramos.reports.samples.group_text import difference_unit, p_text, plus_minus, round_off, unit_of

HEAD = ("Quantity", "Phase", "Axis", "Unit")
NUMBER_COLUMNS = ("sample", "group", "x", "id", "phase", "axis", "value", "unit", "low", "high")
LATEX_START = "% Made by Keramos; needs \\usepackage{booktabs}"
NAMES = ("samples", "groups", "trends")
MARKS = {"within-sample": "†", "shared-scatter": "‡"}
"""Marks of intervals that are not of a group's mean, or not Welch's, by what they rest on."""
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "−": "$-$",
    "–": "--",
    "µ": r"$\mu$",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "∞": r"$\infty$",
    "\u00a0": "~",
    "’": "'",
    "′": "$'$",
}


def _greek(letter: str) -> str:
    """The command of a Greek letter, small as its name in Unicode, large with an initial."""
    name = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA").lower()
    return f"$\\{name if letter.islower() else name.capitalize()}$"


_LATEX |= {letter: _greek(letter) for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"}
# Variants, and capitals that look like Latin ones, which LaTeX has no commands for.
_LATEX |= {
    "ϕ": r"$\phi$",
    "φ": r"$\varphi$",
    "ϵ": r"$\epsilon$",
    "ε": r"$\varepsilon$",
    "ς": r"$\varsigma$",
    "ϑ": r"$\vartheta$",
}
_LATEX |= {"∆": r"$\Delta$", "∑": r"$\Sigma$", "ο": "o", **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))}
_SUPERSCRIPTS = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))


@dataclass(frozen=True)
class PaperTable:
    """A table of text with the name of its files and what it shows."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write_tables(comparison: GroupComparison, folder: Path) -> None:
    """Write each table in three formats, and `numbers.csv` with every quantity in full. StorageError if not."""
    make_folder(folder)
    texts = {folder / "numbers.csv": _csv([NUMBER_COLUMNS, *_numbers(comparison)])}
    for table in paper_tables(comparison):
        texts |= {
            folder / f"{table.name}.csv": "\ufeff" + _csv([table.columns, *table.rows]),  # Excel takes it for UTF-8
            folder / f"{table.name}.tex": latex(table),
            folder / f"{table.name}.md": markdown(table),
        }
    write_texts(texts)


def paper_tables(comparison: GroupComparison) -> list[PaperTable]:
    """The tables that have a row."""
    tables = [_samples(comparison), _groups(comparison), _trends(comparison)]
    return [table for table in tables if table.rows]


def _samples(comparison: GroupComparison) -> PaperTable:
    names = [sample.name for sample in comparison.samples]
    rows = [(*_head(row), *(sample_value(row, name) for name in names)) for row in comparison.quantities]
    caption = "Value of each sample, with the half-width of its 95 % sampling interval where it has one."
    return PaperTable("samples", caption, (*HEAD, *names), tuple(rows))


def _groups(comparison: GroupComparison) -> PaperTable:
    first, *others = comparison.groups
    columns = [*HEAD, *comparison.groups]
    for other in others:
        columns += [f"{other} − {first}", "g", "p", "p (Holm)"]
    rows = [
        (*_head(row), *(_group_cell(comparison, row, name) for name in comparison.groups), *_differences(row, others))
        for row in comparison.quantities
        if row.differences
    ]
    caption = (
        "Mean of each group with the half-width of its 95 % interval (n samples), differences from the first group "
        "with that of Welch's, Hedges' g with its 95 % interval, p and p after Holm's correction over "
        f"{comparison.tested} differences."
    )
    return PaperTable("groups", caption + _explain_marks(comparison, rows), tuple(columns), tuple(rows))


def _group_cell(comparison: GroupComparison, row: ComparedQuantity, name: str) -> str:
    scatter, text = row.groups.get(name), group_value(comparison, row, name)
    return text if scatter is None or scatter.count > 1 else f"{text} {MARKS['within-sample']}"


def _explain_marks(comparison: GroupComparison, rows: Sequence[Sequence[str]]) -> str:
    """The meaning of the marks in these rows, as sentences that follow a caption."""
    if comparison.is_single:
        return (
            f" {MARKS['within-sample']} There is one sample of each: intervals and p are of the scatter within each "
            "volume alone, no claim on the material."
        )
    meanings = {
        "within-sample": "One sample (n = 1): its value, with its sampling interval where it has one, of the scatter "
        "within its volume alone; so too the difference of two of them and its p.",
        "shared-scatter": "One sample against a group: Student's t with the scatter of the group, which the single one "
        "is taken to share.",
    }
    text = " ".join(cell for row in rows for cell in row)
    return "".join(f" {MARKS[basis]} {meaning}" for basis, meaning in meanings.items() if f" {MARKS[basis]}" in text)


def _differences(row: ComparedQuantity, others: Sequence[str]) -> Iterable[str]:
    found, (factor, _) = {one.group: one for one in row.differences}, scale_of(row.about.id, row.about.quantity.unit)
    for other in others:
        one = found.get(other)
        if one is None:
            yield from [MISSING] * 4
            continue
        difference, effect = one.difference, one.effect
        half = None if difference.interval is None else factor * (difference.interval[1] - difference.value)
        unit = difference_unit(row.about)
        mark = f" {MARKS[difference.basis]}" if difference.basis in MARKS else ""
        yield plus_minus(factor * difference.value, half, sign=True) + (" points" if unit == "points" else "") + mark
        yield MISSING if effect is None else effect_text(effect)
        yield p_text(difference.p)
        yield p_text(one.p_holm)


def _trends(comparison: GroupComparison) -> PaperTable:
    rows = []
    for row in comparison.quantities:
        trend = row.trend
        if trend is None:
            continue
        factor, _ = scale_of(row.about.id, row.about.quantity.unit)
        half = None if trend.interval is None else factor * (trend.interval[1] - trend.slope)
        slope = rounded_slope(factor * trend.slope, half)
        slope += "" if half is None else f" ± {round_off(half, half) if half > 1e-5 else number(half, digits=2)}"
        rows.append((*_head(row), str(trend.count), slope, p_text(trend.p), p_text(row.trend_p_holm)))
    against = comparison.against or "x"
    caption = (
        f"Slope of a straight line by least squares per unit of {against}, with the half-width of its 95 % interval; "
        f"p, and p after Holm's correction over {comparison.trends_tested} slopes."
    )
    return PaperTable("trends", caption, (*HEAD, "n", f"slope per unit of {against}", "p", "p (Holm)"), tuple(rows))


def _head(row: ComparedQuantity) -> tuple[str, str, str, str]:
    return row.about.name, row.about.phase, row.about.axis, unit_of(row.about)


def _numbers(comparison: GroupComparison) -> Iterable[Sequence[Any]]:
    for sample in comparison.samples:
        for row in sample.measurements.quantities:
            quantity = row.quantity
            if isfinite(quantity.value):
                low, high = quantity.interval or ("", "")
                who = (sample.name, sample.group, "" if sample.x is None else sample.x, row.id, row.phase, row.axis)
                yield (*who, quantity.value, quantity.unit, low, high)


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def markdown(table: PaperTable) -> str:
    """A Markdown table, its caption below."""
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    body = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
    return f"{body}\n\n{table.caption}\n"


def latex(table: PaperTable) -> str:
    """A LaTeX table with the rules of booktabs."""
    lines = [
        LATEX_START,
        r"\begin{table}",
        rf"\caption{{{escape_latex(table.caption)}}}",
        rf"\begin{{tabular}}{{{'l' * len(HEAD)}{'r' * (len(table.columns) - len(HEAD))}}}",
        r"\toprule",
        _latex_row(table.columns),
        r"\midrule",
        *map(_latex_row, table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_row(cells: Sequence[str]) -> str:
    return f"{' & '.join(map(escape_latex, cells))} \\\\"


def escape_latex(text: str) -> str:
    r"""Text as LaTeX prints it, without a package for Unicode.

    Example:
        >>> print(escape_latex("9.65 ± 0.47 µm⁻¹, 5 %_"))
        9.65 $\pm$ 0.47 $\mu$m$^{-1}$, 5 \%\_
    """
    parts: list[str] = []
    raised = ""
    for letter in f"{text}\0":
        if letter in _SUPERSCRIPTS:
            raised += _SUPERSCRIPTS[letter]
            continue
        if raised:
            parts.append(f"$^{{{raised}}}$")
            raised = ""
        parts.append(_LATEX.get(letter, letter))
    return "".join(parts).rstrip("\0")
