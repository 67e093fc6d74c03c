"""The line for a shell that does what options say."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from keramos.core.options import Settings, list_options, plain

Row = Mapping[str, Any]
"""An option: its name, its default as a JSON value, and whether it is an argument."""


def describe_rows(settings: type[Settings]) -> list[Row]:
    """The options of a verb as rows."""
    return [
        {"name": row.name, "default": plain(row.default), "argument": row.about.argument}
        for row in list_options(settings)
        if not row.about.internal
    ]


def write_command(verb: str, rows: Sequence[Row], options: Mapping[str, Any]) -> str:
    """The command line of a verb with these options, by their names, quoted for the shell of this system.

    Example:
        >>> from keramos.settings.segment import SegmentSettings
        >>> given = {"images": "my stack.tif", "model": "otsu", "out": "a.ome.zarr", "voxel_size": [20, 10, 10]}
        >>> write_command("segment", describe_rows(SegmentSettings), given)
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


def _flag(name: str, value: bool) -> str:
    return f"--{'' if value else 'no-'}{name.replace('_', '-')}"


def _name_values(name: str, texts: list[str]) -> list[str]:
    """A name with its values; one that looks like a name itself is joined to it by an equals sign."""
    if len(texts) == 1 and texts[0].startswith("-"):
        return [f"{name}={texts[0]}"]
    return [name, *texts]
