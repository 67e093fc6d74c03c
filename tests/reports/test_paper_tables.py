"""LaTeX tables of any names, as LaTeX itself reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from keramos.reports.samples.paper_tables import PaperTable, escape_latex, latex

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
