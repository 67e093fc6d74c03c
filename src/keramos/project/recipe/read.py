"""Read a recipe; what is wrong in it is said in one sentence that names the place and the nearest known key."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from keramos.core.errors import FormatError, MissingFileError, SettingsError
from keramos.core.object_path import as_path, is_address
from keramos.project.recipe.schema import Recipe, make_model, recipe_of


def read_recipe(path: str | Path) -> Recipe:
    """The recipe in a TOML file.

    Raises:
        MissingFileError: there is no such file.
        FormatError: it is not TOML.
        SettingsError: a key or a value that no recipe has, or tables that do not go together.
    """
    file = Path(path)
    if is_address(file):
        raise MissingFileError(f"expected a recipe on a disk, found the address {as_path(file)}; copy it to a disk")
    if not file.is_file():
        raise MissingFileError(f"expected a recipe, found no file {file}; see examples/ for one to begin with")
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"expected a recipe in TOML in {file}, found: {error}; correct it there") from None
    except RecursionError:
        raise FormatError(f"expected a recipe in TOML in {file}, found one that is nested too deeply") from None
    try:
        return recipe_of(make_model().model_validate(data))
    except ValidationError as error:
        errors = error.errors()
        first = next((row for row in errors if row["type"] == "extra_forbidden"), errors[0])
        raise SettingsError(_sentence(first, file)) from None
    except ValueError as error:
        raise SettingsError(f"expected tables that go together in {file}: {error}") from None


def _sentence(error: Any, file: Path) -> str:
    """A validation error in a sentence: what is wrong, where, and the nearest key that is known."""
    *tables, key = _place(error["loc"]) or [""]
    where = f" under [{'.'.join(tables)}]" if tables else ""
    if error["type"] == "extra_forbidden":
        near = get_close_matches(key, _keys(tables), 1)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(_keys(tables))}"
        return f"expected a key that recipes have{where} in {file}, found '{key}'; {advice}"
    if error["type"] == "missing" and not isinstance(error["loc"][-1], int):
        return f"expected {key}{where} in {file}, found none; add it"
    shown = str(error["input"])[:80]
    return f"expected another value of {key}{where} in {file}, found '{shown}': {error['msg'].lower()}"


def _place(location: tuple[str | int, ...]) -> list[str]:
    """The table and the key; what pydantic adds of the types that it tried is left out."""
    first, *rest = [str(part) for part in location if not isinstance(part, int)]
    if first not in make_model().model_fields or not rest:
        return [first]
    keys = _keys([first])
    inside = [part for part in rest if part in keys] or [part for part in rest if part not in (first, f"list[{first}]")]
    return [first, *inside[:1]]


def _keys(tables: list[str]) -> list[str]:
    """The keys that a table may have."""
    if not tables:
        return list(make_model().model_fields)
    kinds = get_args(make_model().model_fields[tables[0]].annotation)
    table = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
    return [field.alias or name for name, field in table.model_fields.items()]
