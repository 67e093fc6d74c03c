"""Project files of Auto Slice & View, by the names that public programs read: `EMproject.emxml` (XML) of version 4, and
`Project.AsvProject` (JSON) of version 5."""

from __future__ import annotations

from typing import Any

from keramos.acquisition.json_values import parse_json
from keramos.acquisition.sections import decode_text
from keramos.acquisition.values import keep_known, tidy, to_number
from keramos.acquisition.vendor import Fact
from keramos.acquisition.xml_values import find_value, parse_xml

PROJECTS = ("emproject.emxml", "*.asvproject")


def read_thermo_project(name: str, content: bytes) -> dict[str, Fact]:
    """The thickness of slices that was asked for; the file states it in metres."""
    if name.lower().endswith(".emxml"):
        root = parse_xml(content)
        value, key = (None if root is None else to_number(find_value(root, "ZCutSpacing"))), "ZCutSpacing"
    else:
        value, key = _asv_thickness(content), "Sites.Context.Slicing.SliceThickness"
    nm = None if value is None or value <= 0 else tidy(value * 1e9)
    return keep_known({"voxel_size_z_nm": (nm, f"{name} {key}")})


def _asv_thickness(content: bytes) -> float | None:
    """The thickness of slices of the sites that are executed; None where they differ."""
    project = parse_json(decode_text(content))
    sites = [site for site in _list_at(project, "Sites") if isinstance(site, dict)]
    chosen = [site for site in sites if site.get("IsEnabledForExecution")] or sites
    values = {_value_at(site, "Context", "Slicing", "SliceThickness") for site in chosen}
    value = values.pop() if len(values) == 1 else None
    if isinstance(value, dict):
        value = value.get("Value")
    return to_number(str(value))


def _list_at(value: Any, key: str) -> list[Any]:
    rows = value.get(key) if isinstance(value, dict) else None
    if isinstance(rows, dict):  # as .NET's serialiser writes lists with a type
        rows = rows.get("$values")
    return rows if isinstance(rows, list) else []


def _value_at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int | float | str) else None
