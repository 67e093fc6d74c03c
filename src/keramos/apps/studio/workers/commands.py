"""A job in words that can be copied: the line for a shell that does the same, and the table for a recipe."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from keramos.apps.studio.workers.catalogue import Row


def write_command(verb: str, rows: Sequence[Row], options: Mapping[str, Any]) -> str:
    """The command line of a verb with these options, by their names, quoted for the shell of this system.

    Example:
        >>> from keramos.apps.studio.workers.catalogue import describe_verbs
        >>> given = {"images": "my stack.tif", "model": "otsu", "out": "a.ome.zarr", "voxel_size": [20, 10, 10]}
        >>> write_command("segment", describe_verbs()["segment"], given)
        "keramos segment 'my stack.tif' --voxel-size 20 10 10 --model otsu --out a.ome.zarr"
    """
    places, named = list[str](), list[str]()
    for row in rows:
        value = options.get(row["name"])
        if value is None or value == row["default"]:
            continue
        texts = [str(item) for item in (value if isinstance(value, list | tuple) else [value])]
        if row["argument"]:
            places += [f"./{text}" if text.startswith("-") else text for text in texts]
        elif isinstance(value, bool):
            named.append(_flag(row["name"], value))
        else:
            named += _name_values(_flag(row["name"], True), texts)
    words = ["keramos", verb, *places, *named]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


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


def _flag(name: str, value: bool) -> str:
    return f"--{'' if value else 'no-'}{name.replace('_', '-')}"


def _name_values(name: str, texts: list[str]) -> list[str]:
    """A name with its values; one that looks like a name itself is joined to it by an equals sign."""
    if len(texts) == 1 and texts[0].startswith("-"):
        return [f"{name}={texts[0]}"]
    return [name, *texts]
