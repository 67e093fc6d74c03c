"""Formats, makers, networks, methods and other members of open sets, from the registries."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from keramos.acquisition.vendor import VENDORS
from keramos.io.format import FORMATS
from keramos.networks import ARCHITECTURES
from keramos.preparation import REMEDIES
from keramos.segmenters import SEGMENTERS
from keramos.simulation import DEFECTS, STRUCTURES
from keramos.simulation.raw.maker import MAKERS
from keramos.writers import WRITERS
from pages import HOW, page, table

_HEAD = """All of these are members of open sets: another package can add one, and it is then listed by the commands,
too ([extending](extending.md))."""


def members_page() -> str:
    """A table for each registry."""
    return page(
        "Formats, makers and methods",
        _HEAD,
        HOW,
        "## Files that are read",
        "A folder or a quoted pattern of single images is a stack, too.",
        table(
            ("format", "suffixes", "slices of a folder"),
            [(f.name, _code(f.suffixes), "yes" if f.in_folders else "") for f in _values(FORMATS)],
        ),
        "## Files that are written",
        "The segmentation itself is an OME-Zarr. `keramos export PATH --to NAME` writes the others.",
        table(
            ("`--to`", "what", "from", "suffixes", "extra"),
            [
                (f"`{w.name}`", w.summary, w.takes, _code(w.suffixes) or "folder", f"`{w.extra}`" if w.extra else "")
                for w in _values(WRITERS)
            ],
        ),
        "## Makers of microscopes",
        "What is read of each is in [microscopes](microscopes.md).",
        table(
            ("maker", "files beside an image", "project files"),
            [(v.title, _code(v.beside), _code(v.projects)) for v in _values(VENDORS)],
        ),
        "`keramos phantom --raw MAKER` writes raw slices as " + _code(sorted(MAKERS)) + ".",
        "## Networks",
        table(
            ("`--model`", "what"),
            [(f"`{name}`", getattr(a, "description", "") or "") for name, a in sorted(ARCHITECTURES.items())],
        ),
        "`keramos models --speed` measures them, and lists the bundled weights.",
        "## Methods without a network",
        table(("`--model`", "what"), [(f"`{name}`", _about(s)) for name, s in sorted(SEGMENTERS.items())]),
        "## Remedies of `keramos prepare`",
        table(("remedy", "what"), [(f"`{name}`", _about(r)) for name, r in sorted(REMEDIES.items())]),
        "## Phantoms",
        "Bodies: " + _code(sorted(STRUCTURES)) + ".",
        "[Defects](phantom.md#imaging-defects): " + _code(sorted(DEFECTS)) + ".",
    )


def _values(registry: Mapping[str, Any]) -> list[Any]:
    return [registry[name] for name in sorted(registry)]


def _code(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _about(member: Any) -> str:
    """The member's own line, or the first of its module."""
    for name in ("summary", "description", "title"):
        text = getattr(member, name, None)
        if isinstance(text, str) and text:
            return text
    return cleandoc(member.__doc__ or "").split("\n")[0]
