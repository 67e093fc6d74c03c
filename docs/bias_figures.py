"""The pictures of bias in the pages of measurements, from what `benchmarks/bias.py` measured.

python docs/bias_figures.py docs/bias
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "bias", "font.family": "sans-serif", "font.size": 9}

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "bias.json"
COLOURS = ("#0072b2", "#d55e00", "#009e73")
"""Okabe and Ito's, which colour-blind readers can tell apart; markers differ, too."""
MARKERS = ("o", "s", "^")
RADIUS = "radius of balls, voxels"


@dataclass(frozen=True)
class Panel:
    """One quantity over the width of bodies, a line for each kind of voxels or each of several quantities."""

    rows: str
    quantities: tuple[str, ...]
    title: str
    width: str
    unit: str = "off by, %"


FIGURES: dict[str, tuple[Panel, ...]] = {
    "surfaces": (
        Panel("balls", ("specific surface area",), "specific surface of balls", "radius, voxels"),
        Panel("films", ("interface area",), "interface under a film", "thickness of the film, voxels"),
        Panel("circles", ("triple-phase boundary",), "triple-phase boundary, circles", "radius, voxels"),
    ),
    "connectivity": (
        Panel("channels", ("connected (6)",), "round channels found connected, 6", "diameter, voxels", "%"),
        Panel("channels", ("connected (26)",), "the same, 26 neighbours", "diameter, voxels", "%"),
        Panel("channels", ("neck diameter",), "neck diameter", "diameter, voxels"),
    ),
    "sizes": (
        Panel("balls", ("mean local thickness",), "mean local thickness of balls", "radius, voxels"),
        Panel("balls", ("size r50",), "r50 of sizes, balls", "radius, voxels"),
        Panel("balls", ("mean curvature",), "mean curvature of balls", "radius, voxels"),
    ),
    "objects": (
        Panel("balls", ("equivalent diameter",), "equivalent diameter of balls", "radius, voxels"),
        Panel("balls", ("sphericity",), "sphericity of balls", "radius, voxels"),
    ),
    "transport": (
        Panel("lattices/diffusion", ("tortuosity factor", "at double voxels"), "tortuosity factor", RADIUS),
        Panel("paths", ("geodesic",), "geodesic tortuosity, channels askew", "width of the channel, voxels"),
        Panel("lattices/flow slits/slit", ("permeability",), "permeability", "radius of balls, width of slits, voxels"),
    ),
    "fabric": (
        Panel("fabrics", ("degree of anisotropy",), "degree of anisotropy, stretched twofold", RADIUS),
        Panel("fabrics", ("angle off (degrees)",), "direction", RADIUS, "off by, degrees"),
    ),
}
NAMES = {"lattices/diffusion": "between balls", "lattices/flow": "between balls", "slits/slit": "slits"}


def lines_of(found: dict[str, Any], panel: Panel) -> list[tuple[str, dict[float, Any]]]:
    """Name and values by width of each line of a panel."""
    lines = []
    for place in panel.rows.split():
        name, _, only = place.partition("/")
        for kind, rows in found[name].items():
            for quantity in panel.quantities if only in ("", kind) else ():
                label = kind if not only else quantity if len(panel.quantities) > 1 else NAMES[place]
                lines.append((label, {float(w): row[quantity] for w, row in rows.items() if quantity in row}))
    return lines


def draw(axes: Axes, found: dict[str, Any], panel: Panel) -> None:
    factor = 1 if "degrees" in panel.unit else 100
    widths: set[float] = set()
    for number, (label, values) in enumerate(lines_of(found, panel)):
        look = {"color": COLOURS[number], "marker": MARKERS[number], "markersize": 3.5, "linewidth": 1.2}
        means = [factor * (one["mean"] if isinstance(one, dict) else one) for one in values.values()]
        axes.plot(list(values), means, label=label, **look)
        if panel.unit != "%" and all(isinstance(one, dict) for one in values.values()):
            low, high = ([factor * one[end] for one in values.values()] for end in ("least", "most"))
            axes.fill_between(list(values), low, high, color=COLOURS[number], alpha=0.13, linewidth=0)
        widths |= set(values)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(thinned(sorted(widths))))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%.2g"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axhline(0, color="0.5", linewidth=0.6)
    axes.set_title(panel.title, fontsize=9, loc="left")
    axes.set_xlabel(panel.width)
    axes.set_ylabel(panel.unit)
    axes.spines[["top", "right"]].set_visible(False)


def thinned(widths: list[float]) -> list[float]:
    """Those that can be written side by side on a logarithmic axis."""
    kept = widths[:1]
    for width in widths[1:]:
        if width >= 1.3 * kept[-1]:
            kept.append(width)
    return kept


def windows(axes: Axes, found: dict[str, Any]) -> None:
    """Spread between windows beside the theory's."""
    rows = found["windows"]["cubic"]
    edges = [float(edge) for edge in rows]
    measured = [row["spread between windows"] for row in rows.values()]
    axes.plot(edges, [row["theory"] for row in rows.values()], color="0.4", linewidth=1.2, label="theory")
    means = [row["mean"] for row in measured]
    ends = [[r["mean"] - r["least"] for r in measured], [r["most"] - r["mean"] for r in measured]]
    look = {"color": COLOURS[0], "markersize": 4, "linewidth": 1}
    axes.errorbar(edges, means, ends, fmt="o", label="measured, four volumes", **look)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(edges))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(FixedLocator([0.03, 0.05, 0.1, 0.2, 0.3]))
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_title("overlapping balls, half of the volume theirs", fontsize=9, loc="left")
    axes.set_xlabel("edge of windows, radii")
    axes.set_ylabel("s.d. of the phase fraction")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)


def save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None}, facecolor="white")
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(exist_ok=True)
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    for name, panels in FIGURES.items():
        figure = Figure(figsize=(3.2 * len(panels), 2.9), layout="constrained")
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            draw(axes, found, panel)
        legends = [axes.get_legend_handles_labels() for axes in figure.axes]
        if all(labels == legends[0][1] for _, labels in legends):
            figure.legend(*legends[0], loc="outside lower center", ncols=3, frameon=False, fontsize=8)
        else:
            for axes in figure.axes:
                axes.legend(frameon=False, fontsize=8)
        save(figure, out / f"{name}.svg")
    figure = Figure(figsize=(4.2, 2.9), layout="constrained")
    windows(figure.subplots(), found)
    save(figure, out / "heterogeneity.svg")


if __name__ == "__main__":
    main()
