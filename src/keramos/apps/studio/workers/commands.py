"""A job in words that can be copied: the table for a recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from keramos.apps.studio.workers.catalogue import Row


def write_recipe_table(verb: str, rows: Sequence[Row], options: Mapping[str, Any]) -> str:
    """The table of a recipe with these options; those that a recipe gives by the order of its steps are left out.

    Example:
        >>> from keramos.apps.studio.workers.catalogue import describe_verbs
        >>> given = {"images": "stack.tif", "model": "otsu", "out": "a.ome.zarr", "scores": True}
        >>> print(write_recipe_table("segment", describe_verbs()["segment"], given))
        [segment]
        scores = true
        model = "otsu"
    """
    lines = [f"[{verb}]"]
    for row in rows:
        value = options.get(row["name"])
        if value is not None and value != row["default"] and not row["wired"]:
            # TOML reads numbers, texts and lists as JSON writes them.
            lines.append(f"{row['name']} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines)
