"""LaTeX tables of any names, as LaTeX itself reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from keramos.core import Quantity
from keramos.measurements import Measured, Measurements
from keramos.measurements.groups import GroupedSample, compare_samples
from keramos.reports.samples.paper_tables import PaperTable, escape_latex, latex, paper_tables

HOSTILE = (
    "Ni & YSZ 50 % #2",
    "a_b^c~d",
    "x{y}\\z$",
    "γ′ phase, β-Al2O3",
    "µm⁻², 3 × 4 ± 5",
    "−1–2 <3> ∞",
    "größe, Å, l’an",
    "Ω",
)


def test_greek_phases_are_letters_of_mathematics() -> None:
    assert escape_latex("γ′ and β") == r"$\gamma$$'$ and $\beta$"
    assert escape_latex("λΔ") == r"$\lambda$$\Delta$"
    assert escape_latex("ϕ, φ, ς, ∆, Β") == r"$\phi$, $\varphi$, $\varsigma$, $\Delta$, B"


SINGLE_VALUE, SINGLE_DIFFERENCE, SHARED = "One sample (n = 1)", "of two of them", "Student's t"


def groups_table(**groups: tuple[float, ...]) -> PaperTable:
    """The table of groups of samples with these fractions, each with a sampling interval of 9 points to each side."""
    samples = [
        GroupedSample(
            f"{name}{place}",
            name,
            Measurements(
                (Measured("phase-fraction", "fraction", Quantity(v, "1", "counted", (v - 0.09, v + 0.09)), "pore"),)
            ),
        )
        for name, values in groups.items()
        for place, v in enumerate(values)
    ]
    return next(table for table in paper_tables(compare_samples(samples)) if table.name == "groups")


def test_the_numbers_of_single_samples_are_marked_and_explained() -> None:
    """The one of a single sample against three is Student's t with their scatter; all else of three is as ever."""
    many = (0.30, 0.32, 0.37)
    table = groups_table(a=many, b=(0.40, 0.41, 0.43), c=(0.50,))
    (row,) = table.rows
    cells = dict(zip(table.columns, row, strict=True))
    assert not set("†‡") & set(cells["a"] + cells["b"] + cells["b − a"])
    assert cells["c"] == "50.0 ± 9.0 (n = 1) †"
    half = 100 * scipy.stats.t.ppf(0.975, 2) * np.std(many, ddof=1) * np.sqrt(4 / 3)
    assert cells["c − a"] == f"+17 ± {half:.0f} points ‡"
    assert SINGLE_VALUE in table.caption
    assert SHARED in table.caption
    assert r"$\ddagger$" in latex(table)
    assert not set("†‡") & set(groups_table(a=many, b=many[:2]).caption)


def test_two_single_samples_beside_a_group_have_intervals_within_their_volumes() -> None:
    table = groups_table(a=(0.30,), b=(0.40,), c=(0.50, 0.52))
    (row,) = table.rows
    cells = dict(zip(table.columns, row, strict=True))
    assert cells["b − a"] == f"+10 ± {9 * np.sqrt(2):.0f} points †"
    assert cells["c − a"].endswith(" ‡")
    assert SINGLE_DIFFERENCE in table.caption
    assert "within each volume alone" in groups_table(a=(0.30,), b=(0.40,)).caption


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_table_of_hostile_names_is_typeset_without_a_complaint(tmp_path: Path) -> None:
    head = ("Quantity", "Phase", "Axis", "Unit")
    table = PaperTable("samples", "All of % & # _ at once.", (*head, *HOSTILE), tuple((name,) * 12 for name in HOSTILE))
    text = latex(table)
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n" + text + "\\end{document}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-600:]
