"""Kinds of options that many verbs have: paths that are read, a path that is written, slice numbers."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from keramos.core.options import option
from keramos.settings.conversions import to_path, to_paths, to_slices

BOX = "z0:z1,y0:y1,x0:x1"


def input_path(default: Any = MISSING, **about: Any) -> Any:
    """A file that is read, or its content: its fingerprint counts for what a run is, not the path that was typed."""
    return option(
        default, **{"group": "Files", "given": str, "metavar": "P", "affects_result": False, "reads": True, **about}
    )


def input_paths(default: Any = MISSING, **about: Any) -> Any:
    """Several files that are read."""
    several = {"convert": to_paths, "given": tuple[str, ...], "metavar": "P [P ...]"}
    return input_path(default, **{**several, **about})


def output_path(kind: str, default: Any = MISSING, **about: Any) -> Any:
    """A path at which an output of a kind is written; None, if that is the default, writes nothing.

    The kind, one of `OUTPUT_KINDS` in `keramos.project`, says what may be replaced there.
    """
    shared = {"group": "Files", "convert": to_path, "given": str, "affects_result": False, "writes": kind}
    return option(default, **{**shared, **about})


def replace_option() -> Any:
    """Whether earlier outputs may be replaced, for verbs that have nothing to resume."""
    return option(
        False, help="Replace an earlier output that is there.", group="Output", affects_result=False, wired=True
    )


def slice_numbers(default: Any = (), *, help: str, **about: Any) -> Any:
    """Numbers of slices (z), as numbers and ranges."""
    told = f"{help.removesuffix('.')} (the first is 0)."
    kind = {"convert": to_slices, "given": tuple[str, ...], "metavar": "Z [Z ...]"}
    return option(default, **{**kind, "help": told, **about})
