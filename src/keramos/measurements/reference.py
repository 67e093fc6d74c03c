"""Tables of all quantities for the documentation, from their specifications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from keramos.measurements.registry import MEASUREMENTS, curve_specs, quantity_specs
from keramos.measurements.separation.rows import COLUMNS
from keramos.measurements.spec import CurveSpec, QuantitySpec


def quantity_reference(body: Literal["in_blocks", "on_subvolume", "on_volume"]) -> str:
    """A Markdown table of the quantities that are measured in blocks of the whole volume, of a subvolume in memory, or
    in passes of their own.

    Example:
        >>> quantity_reference("in_blocks").splitlines()[2]
        '| phase fraction | `phase-fraction` | 1 | voxels counted | |'
    """
    members = [member for member in MEASUREMENTS.values() if getattr(member, body) is not None]
    ids = {spec.id for member in members for spec in member.quantities}
    rows = [
        (spec.name, f"`{spec.id}`", spec.unit, spec.method, spec.caveat)
        for spec in quantity_specs().values()
        if spec.id in ids
    ]
    return _table(("quantity", "id", "unit", "method", "bias, and what to know"), rows)


def object_reference() -> str:
    """A Markdown table of the columns that the table of objects has."""
    rows = [(f"`{column.name}`", column.unit or "text", column.meaning, column.bias) for column in COLUMNS]
    return _table(("column", "unit", "definition", "bias, and what to know"), rows)


def curve_reference() -> str:
    """A Markdown table of all curves."""
    rows = [
        (spec.name, f"`{spec.id}`", ", ".join(f"{name} ({unit})" for name, unit in spec.units.items()), spec.method)
        for spec in curve_specs().values()
    ]
    return _table(("curve", "id", "columns (units)", "method"), rows)


def source_reference() -> str:
    """A Markdown list of all sources, each with what is measured after it."""
    names: dict[str, list[str]] = {}
    specs: list[QuantitySpec | CurveSpec] = [*quantity_specs().values(), *curve_specs().values()]
    for spec in specs:
        for source in spec.sources:
            names.setdefault(source, []).append(spec.name)
    return "\n".join(f"- {source}: {', '.join(measured)}" for source, measured in names.items())


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (f"| {' | '.join(cells)} |" for cells in (headings, ("---",) * len(headings), *rows))
    return "\n".join(line.replace("|  |", "| |") for line in lines)
