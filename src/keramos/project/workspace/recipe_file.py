"""The recipe of a project: written once, when the project is made; later only its table of the stack is read."""

from __future__ import annotations

import glob
import json
import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from keramos.core.errors import FormatError, KeramosError, MissingFileError
from keramos.core.object_path import as_path, is_address
from keramos.core.options import list_options, plain
from keramos.settings.reading import ReadImageOptions

_HEAD = """\
# The project of a studio: `keramos studio FOLDER` opens it, and `keramos run recipe.toml` segments the stack with the
# model in use there. Paths are relative to this file; keys are the options of the commands.
"""
_REST = """
[segment]
model = "models"                 # the one that is in use in the studio
uncertainty = true

# To train anew on what was drawn, take the model out of [segment] and put in:
# [train]
# labels = "labels.ome.zarr"
# from = "models"                # or "porous-solid", for the bundled weights

[quantify]

[report]
"""


@dataclass(frozen=True)
class StackTable:
    """The stack of a project: its path as the recipe has it, relative to the recipe, and how it is read."""

    images: str
    options: ReadImageOptions

    def find_images(self, home: Path) -> str:
        """The path of the stack, seen from the current folder. MissingFileError if nothing is there."""
        place = self.images if is_address(self.images) else str(home / self.images)
        if as_path(place).exists() or (glob.has_magic(place) and glob.glob(place)):  # noqa: PTH207 (may be absolute)
            return place
        raise MissingFileError(
            f"expected the stack of the project {home}, found nothing at {place}; put it back there, or change images "
            f"under [stack] in {home / 'recipe.toml'}"
        )


def read_stack_table(recipe: Path) -> StackTable:
    """The table [stack] of a recipe.

    Raises:
        MissingFileError: there is no such file.
        FormatError: it is no recipe, or has no stack.
    """
    if not recipe.is_file():
        raise MissingFileError(f"expected the folder of a project, found no {recipe.name} in {recipe.parent}")
    try:
        content = tomllib.loads(recipe.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"expected a recipe in TOML in {recipe}, found: {error}; correct it there") from None
    table = content.get("stack")
    if not isinstance(table, dict) or not isinstance(table.get("images"), str) or not table["images"]:
        raise FormatError(f"expected images under [stack] in {recipe}, found none; add the path of the stack")
    given = {name: value for name, value in table.items() if name != "images"}
    names = {row.name for row in list_options(ReadImageOptions)}
    unknown = [name for name in given if name not in names]
    if unknown:
        raise FormatError(
            f"expected the keys images, {', '.join(sorted(names))} under [stack] in {recipe}, found '{unknown[0]}'"
        )
    try:
        return StackTable(table["images"], ReadImageOptions(**given))
    except (KeramosError, TypeError) as error:
        raise FormatError(f"[stack] in {recipe}: {error}") from None


def make_recipe(images: str, options: ReadImageOptions, home: Path) -> str:
    """The text of a recipe for a stack at `images` in a project at `home`."""
    rows = {"images": relative_path(images, home)}
    for field in fields(options):
        value: Any = getattr(options, field.name)
        if value is not None:
            rows[field.name] = plain(value)
    table = "".join(f"{name} = {_to_toml(value)}\n" for name, value in rows.items())
    return f'{_HEAD}\nout = "runs/recipe"\n\n[stack]\n{table}{_REST}'


def relative_path(images: str, home: Path) -> str:
    """A path or a pattern seen from a folder, with forward slashes; absolute where they are on different drives, and
    for an address of a store."""
    if is_address(images):
        return str(as_path(images))
    absolute = os.path.abspath(images)  # noqa: PTH100 (links stay as the user typed them)
    try:
        return Path(os.path.relpath(absolute, home.resolve())).as_posix()
    except ValueError:
        return Path(absolute).as_posix()


def _to_toml(value: Any) -> str:
    """Numbers, lists of them and texts are written as JSON does, which TOML reads, too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
