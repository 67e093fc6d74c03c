"""Fig. 1: the networks, drawn from the layers as they run."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from keramos.networks.traced import Layer, Traced
from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.figures import show_plate
from keramos.reports.section import Section, fill
from keramos.reports.theme import LIGHT

COLOURS = {
    "convolution": ("#9cc9ea", "convolution"),
    "pool": ("#d9534f", "max pooling"),
    "upsample": ("#74b77c", "transposed convolution"),
    "unshuffle": ("#c9a66b", "pixels to channels"),
    "shuffle": ("#b79bd1", "channels to pixels"),
}
_ROW_INCHES = 1.9


def networks_figure(content: ComparisonContent) -> Figure | None:
    """A row for each network: layers from left to right, as tall as the root of their edge; None without networks."""
    drawn = [(m.title, m.layers) for m in content.methods if m.layers is not None]
    if not drawn:
        return None
    figure = Figure(figsize=(11, _ROW_INCHES * len(drawn) + 0.4), layout="constrained", facecolor="white")
    most = max(len(layers.layers) for _, layers in drawn)
    rows = figure.subplots(len(drawn), 1, squeeze=False)[:, 0]
    for axes, (title, layers) in zip(rows, drawn, strict=True):
        _draw(axes, title, layers, most)
    kinds = {layer.kind for _, layers in drawn for layer in layers.layers}
    handles = [Patch(facecolor=colour, label=name) for kind, (colour, name) in COLOURS.items() if kind in kinds]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=9)
    return figure


def _draw(axes: Axes, title: str, network: Traced, most: int) -> None:
    axes.set_axis_off()
    axes.set(xlim=(-0.5, most + 0.5), ylim=(-0.62, 1.75))
    flop = network.flop_per_pixel / 1e3
    axes.set_title(
        f"{title}: {network.parameters:,} weights, {flop:,.0f} kFLOP per pixel",
        loc="left",
        fontsize=10,
        color=LIGHT.ink,
        pad=2,
    )
    for place, layer in enumerate(network.layers):
        height = _height(layer, network.edge)
        box = Rectangle((place + 0.1, 0.5 - height / 2), 0.8, height, facecolor=COLOURS[layer.kind][0], linewidth=0)
        axes.add_patch(box)
        axes.text(place + 0.5, -0.08, str(layer.outputs), ha="center", va="top", fontsize=6.5, color=LIGHT.ink)
        axes.text(place + 0.5, -0.32, str(layer.edge), ha="center", va="top", fontsize=6.5, color=LIGHT.faint)
    for start, end in joins(network.layers):
        top = 0.5 + _height(network.layers[start], network.edge) / 2
        ends = ((start + 0.5, top), (end + 0.5, 0.5 + _height(network.layers[end], network.edge) / 2))
        bow = min(0.25, 1.3 / max(1, end - start))
        arrow = FancyArrowPatch(
            *ends,
            connectionstyle=f"arc3,rad=-{bow}",
            arrowstyle="-|>",
            mutation_scale=8,
            color=LIGHT.faint,
            linewidth=1,
        )
        axes.add_patch(arrow)


def joins(layers: Sequence[Layer]) -> list[tuple[int, int]]:
    """The skip connections as (from, to): into layers that take other channels than the layer before them gives."""
    found = []
    for place in range(1, len(layers)):
        layer, before = layers[place], layers[place - 1]
        if layer.inputs == before.outputs or layer.kind == "shuffle":
            continue
        edge = _edge_in(layers, place)
        alike = [i for i in range(place - 2, -1, -1) if layers[i].edge == edge]
        # Beside the others come the features of a level's convolutions; added are scores of a pool's.
        joined = [i for i in alike if layers[i].outputs == layer.inputs - before.outputs]
        added = [i for i in alike if layers[i].outputs == layer.inputs and layers[i].kind == "pool"]
        found += [(source, place) for source in (joined or added)[:1]]
    return found


def _edge_in(layers: Sequence[Layer], place: int) -> int:
    """The edge of what a layer takes: convolutions keep it."""
    return layers[place].edge if layers[place].kind == "convolution" else layers[place - 1].edge


def _height(layer: Layer, edge: int) -> float:
    return float((layer.edge / edge) ** 0.5)


_CAPTION = """
<p class="quiet">Drawn from the layers as they run on an image of 256 × 256 pixels. Below each layer: its channels,
and the edge of its output in pixels. Arrows: skip connections (features are added in FCNs and concatenated in
U-Nets).</p>
"""


def _render(content: ComparisonContent) -> Markup | None:
    figure = networks_figure(content)
    if figure is None:
        return None
    plate = show_plate(content, "fig1-networks", figure, "The networks, layer by layer")
    return plate + fill(_CAPTION)


NETWORKS = Section("networks", "Fig. 1. The networks", 140, _render)
