"""The keys of a recipe, from the form by which recipes are checked."""

from __future__ import annotations

import re

from keramos.core.options import Declared, choices, list_options, plain
from keramos.project.recipe.schema import STEPS, table_options
from keramos.settings.reading import ReadImageOptions
from pages import HOW, page, table

_HEAD = """A recipe is a TOML file that `keramos run` takes. Its tables are the steps, in the order below whatever
their order in the file; a step without a table is left out. Paths are relative to the recipe. What a step before
gives is not said again: images to `[segment]`, the model, the labels. `keramos start STACK --out recipe.toml`
proposes one, and [examples/stack.toml](../examples/stack.toml), [examples/raw.toml](../examples/raw.toml) and
[examples/phantom.toml](../examples/phantom.toml) are others."""

_TOP = [
    ("`out`", "text", "`run`", "The folder of all results."),
    ("`device`", "text", "`auto`", "Where networks run: `auto`, `cpu`, `cuda` or `mps`."),
]


def recipe_keys_page() -> str:
    """A table for each table of a recipe."""
    parts = [_HEAD, HOW, "## At the top", table(("key", "type", "default", "what it is"), _TOP), "## [stack]"]
    images = ("`images`", "text", "required", "The stack: a file, a folder or a pattern of slices.")
    parts.append(_table([images, *map(_row, list_options(ReadImageOptions))]))
    for step in STEPS:
        parts += [f"## [{step}]", f"Options of [`keramos {step}`](reference.md#{step})."]
        if step == "export":
            parts.append("`[[export]]`, given several times, exports several files; `to` may be a list.")
        parts.append(_table(map(_row, table_options(step))))
    return page("Recipe keys", *parts)


def _table(rows: object) -> str:
    return table(("key", "type", "default", "what it is"), rows)  # type: ignore[arg-type]


def _row(row: Declared) -> tuple[str, str, str, str]:
    allowed = ", ".join(f"`{choice}`" for choice in choices(row.kind))
    text = row.about.help + (f" One of {allowed}." if allowed else "")
    unit = f" ({row.about.unit})" if row.about.unit else ""
    value = plain(row.default) if not row.required else None
    default = "" if value in (None, "", [], {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return f"`{row.name}`", _kind(row) + unit, "required" if row.required else default, text


def _kind(row: Declared) -> str:
    """The TOML type of a key in plain words."""
    given = re.sub(r"<class '(\w+)'>", r"\1", str(row.given)).replace(" | None", "")
    if given.startswith("tuple[str"):
        return "text, number or list"
    if given.startswith("tuple["):
        return f"list of {given.count(',') + 1} numbers"
    names = {"str": "text", "bool": "true or false", "int": "whole number", "float": "number"}
    if row.about.writes:
        return "path, or true"
    return names.get(given, "text" if "Literal" in given else "text or table")
