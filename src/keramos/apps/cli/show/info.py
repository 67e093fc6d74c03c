"""Show what a file is."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.show.acquisition import list_acquisition, list_questions
from keramos.apps.cli.show.preparation import list_preparation
from keramos.settings.others import InfoSettings

_IN_ACQUISITION = (
    "acquisition",
    "sources",
    "information_bar_rows",
    "tilt_deg",
    "tilt_corrected",
    "cutting_order",
    "scan_rotation_deg",
    "frame",
)
_MOST = 12
"""Values of a list that are shown."""


def show_info(settings: InfoSettings, facts: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Print a line for each fact; what a microscope wrote with its source, and then what it did not."""
    acquisition = facts.get("acquisition")
    if acquisition:
        others = {key: value for key, value in facts.items() if key not in _IN_ACQUISITION}
        lines = [*_lines(others), *list_acquisition(acquisition), *list_questions(facts["asked_for"])]
    else:
        lines = [*_lines(facts), *list_questions(facts.get("asked_for") or ())]
    print_facts(lines)
    return facts


def _lines(facts: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Names and values, what is nested as `card.training.seed`; what is empty is not shown."""
    lines: list[tuple[str, str]] = []
    for key, value in facts.items():
        name = f"{before}{key}"
        if key in ("findings", "unfinished", "asked_for"):
            continue  # the reporter has said them, and they follow
        if key in ("scores", "uncertainty") and value is False:
            continue  # only labels can have them
        if key == "preparation" and value and "shifts_px" in value:
            raw = f"{value['raw']['name']}, {_text(value['raw']['shape'])} (z y x)"
            lines += [("prepared from", raw), *((f"{name}.{part}", text) for part, text in list_preparation(value))]
        elif key in ("curve", "provenance") and value:
            lines += _steps(value) if key == "provenance" else [(name, f"{len(value)} points")]
        elif isinstance(value, dict) and value:
            lines += _lines(value, f"{name}.")
        elif key == "phases" and isinstance(value, list) and value:
            lines.append((name, ", ".join(_phase(code, row) for code, row in enumerate(value))))
        elif value is None or value in ([], {}, ""):
            lines += [(name, "unknown")] if key == "voxel_size_nm" else []
        else:
            lines.append((name, _text(value)))
    return lines


def _text(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    if len(value) > _MOST:
        return f"{len(value)} values"
    if all(item is None or isinstance(item, int | float) for item in value):
        return " x ".join("?" if item is None else str(item) for item in value)
    return ", ".join(_text(item) for item in value)


def _phase(code: int, row: dict[str, Any]) -> str:
    return f"{code} {row['name']} {row['colour']}{' (positive)' if row.get('positive') else ''}"


def _steps(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (f"provenance {number}", f"{step['verb']}: " + ", ".join(f"{k}={v}" for k, v in step["parameters"].items()))
        for number, step in enumerate(steps, 1)
    ]
