"""Colours and labels of charts. In a page the colours are CSS variables, with values for a light and a dark theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Theme:
    """Ink of text and truth, faint ink of axes, grid, and the methods' colours in order (colour-blind safe hues)."""

    ink: str
    faint: str
    grid: str
    methods: tuple[str, ...]

    def method(self, index: int) -> str:
        return self.methods[index % len(self.methods)]

    def variables(self) -> dict[str, str]:
        """The variable of the page's CSS (`report.css`) that stands for each colour."""
        methods = {colour: f"var(--method-{index})" for index, colour in enumerate(self.methods)}
        return {self.ink: "var(--ink)", self.faint: "var(--faint)", self.grid: "var(--line)", **methods}


LIGHT = Theme("#1c2430", "#5b6675", "#dfe4ea", ("#0072b2", "#d55e00", "#009e73", "#b0578d", "#8a7400", "#56b4e9"))


def label(text: str) -> str:
    """Any text as a label of a chart: no formula between dollar signs, none hidden for its leading underscore."""
    plain = text.encode("utf-8", "replace").decode("utf-8").replace("$", r"\$")
    return f" {plain}" if plain.startswith("_") else plain


def dress(axes: Axes, theme: Theme) -> None:
    """Quiet axes: a grid behind, no box above and right."""
    axes.set_facecolor("none")
    axes.grid(True, color=theme.grid, linewidth=0.7)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.faint)
    axes.tick_params(colors=theme.faint, labelsize=9, length=3)
    axes.xaxis.label.set(color=theme.ink, size=10)
    axes.yaxis.label.set(color=theme.ink, size=10)
