"""Results of verbs in the window: layers, and tables in a dock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from magicgui import widgets as mg

from keramos.apps.napari.layers import LayerData, image_layer, labels_layer, object_layer
from keramos.core import Finding
from keramos.core.share import share_text
from keramos.io import open_uncertainty, open_volume
from keramos.measurements import Measurements
from keramos.project.verbs.check import CheckResult
from keramos.project.verbs.prepare import PrepareResult
from keramos.project.verbs.segment import Segmentation

Show = Callable[[Any, Mapping[str, Any], Any], None]
_WIDEST_COLUMN = 420
_FINDINGS = ("severity", "kind", "slices", "message", "effect", "advice")
_QUANTITIES = ("phase", "quantity", "axis", "value", "unit", "95 % interval", "incl. segmentation", "domain", "method")


def show_segmentation(viewer: Any, given: Mapping[str, Any], labels: Segmentation) -> None:
    """Add the labels, and the uncertainty where it was asked for, as layers; the fractions of phases as a table."""
    path = str(given["out"])
    add_layers(viewer, [labels_layer(labels, path)])
    if given.get("uncertainty"):
        add_layers(viewer, [image_layer(open_uncertainty(path), name=f"uncertainty of {viewer.layers[-1].name}")])
    rows = [(name, share_text(fraction, 2)) for name, fraction in labels.phase_fractions.items()]
    show_table(viewer, "phase fractions", ("phase", "fraction"), rows)


def show_measurements(viewer: Any, given: Mapping[str, Any], measured: Measurements) -> None:
    """Show the quantities as a table; add the separated objects as a layer where they were written."""
    if measured.findings:
        show_table(viewer, "findings about quantities", _FINDINGS, finding_rows(measured.findings))
    show_table(viewer, "quantities", _QUANTITIES, quantity_rows(measured))
    if given.get("object_ids"):
        add_layers(viewer, [object_layer(open_volume(given["object_ids"]), "objects")])


def show_check(viewer: Any, _: Mapping[str, Any], result: CheckResult) -> None:
    """Show the findings as a table."""
    show_table(viewer, "findings", _FINDINGS, finding_rows(result.findings))


def show_prepared(viewer: Any, given: Mapping[str, Any], result: PrepareResult) -> None:
    """Add the volume, that of another detector and the labels laid onto it as layers."""
    path = None if given.get("out") is None else str(given["out"])
    made = [image_layer(result.volume, path, name="prepared")]
    made += [image_layer(result.also, name="prepared, other detector")] if result.also is not None else []
    made += [labels_layer(result.labels, name="labels on prepared")] if result.labels is not None else []
    add_layers(viewer, made)
    show_table(viewer, "findings", _FINDINGS, finding_rows(result.findings))


SHOW: Mapping[str, Show] = {
    "segment": show_segmentation,
    "quantify": show_measurements,
    "check": show_check,
    "prepare": show_prepared,
}
"""How a result is shown, by verb."""


def add_layers(viewer: Any, layers: Iterable[LayerData]) -> None:
    """Add layers to a viewer."""
    from napari.layers import Layer

    for data, attributes, kind in layers:
        viewer.add_layer(Layer.create(data, attributes, kind))


def show_table(viewer: Any, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Show a table in a dock at the bottom; Ctrl-C copies what is selected in it."""
    cells = [list(row) for row in rows]
    table = mg.Table(value={"data": cells, "columns": list(columns), "index": [*range(1, len(cells) + 1)]})
    table.read_only = True
    shown = table.native
    shown.resizeColumnsToContents()
    for column in range(len(columns)):
        shown.setColumnWidth(column, min(shown.columnWidth(column), _WIDEST_COLUMN))
    shown.resizeRowsToContents()
    viewer.window.add_dock_widget(table, name=f"Keramos: {title}", area="bottom", tabify=True)


def quantity_rows(measured: Measurements) -> list[tuple[str, ...]]:
    """A row for each quantity, as text."""
    rows = []
    for row in measured.quantities:
        q = row.quantity
        ends = [" to ".join(f"{end:.4g}" for end in pair) if pair else "" for pair in (q.interval, q.segmentation)]
        unit = "" if q.unit == "1" else q.unit
        rows.append((row.phase, row.name, row.axis, f"{q.value:.5g}", unit, *ends, q.domain, q.method))
    return rows


def finding_rows(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """A row for each finding, as text."""
    return [
        (one.severity, one.kind, ", ".join(map(str, one.slices)), one.message, one.effect, one.advice)
        for one in findings
    ]
