"""The form of a recipe, made from the verbs' settings: its tables are the commands, their keys the options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import or_
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, create_model

from keramos.core.options import Declared, Settings, list_options
from keramos.segmenters import segmenter_options
from keramos.settings.evaluate import EvaluateSettings
from keramos.settings.export import ExportSettings
from keramos.settings.phantom import PhantomSettings
from keramos.settings.prepare import PrepareSettings
from keramos.settings.quantify import QuantifySettings
from keramos.settings.reading import ReadImageOptions
from keramos.settings.reconcile import ReconcileSettings
from keramos.settings.report import ReportSettings
from keramos.settings.segment import SegmentSettings
from keramos.settings.train import TrainSettings
from keramos.writers import writer_options

STEPS: dict[str, type[Settings]] = {
    "phantom": PhantomSettings,
    "prepare": PrepareSettings,
    "train": TrainSettings,
    "segment": SegmentSettings,
    "evaluate": EvaluateSettings,
    "quantify": QuantifySettings,
    "reconcile": ReconcileSettings,
    "export": ExportSettings,
    "report": ReportSettings,
}
"""The steps of a recipe, in their order."""

_STRICT: dict[Any, Any] = {bool: StrictBool, int: StrictInt, float: StrictFloat, str: StrictStr}
_Text = StrictStr | StrictInt | StrictFloat
Texts = _Text | list[_Text] | dict[str, Any]
"""The type in which a recipe gives an option that is converted."""

_Keys = tuple[tuple[str, str, Any], ...]
"""The keys of a table: the field that holds each, its name in the file, and the type of its value."""


@dataclass(frozen=True)
class Recipe:
    """A pipeline. `out` is the folder of all results, relative to the recipe; `device` where networks run.

    `stack` holds the user's images and how they are read; `tables` the options that each step was given; `exports`
    those of each export.
    """

    out: str = "run"
    device: str = "auto"
    stack: Mapping[str, Any] | None = None
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exports: tuple[Mapping[str, Any], ...] = ()

    def table(self, step: str) -> Mapping[str, Any]:
        """The options that a step was given; none where it has no table."""
        return self.tables.get(step, {})


_MORE: dict[str, Callable[[], list[Declared]]] = {"segment": segmenter_options, "export": writer_options}
"""Options of the members of an open set that a verb uses."""


def table_options(step: str) -> list[Declared]:
    """The options that a recipe's table of a verb has: all but those that the order of the steps gives."""
    rows = [row for row in list_options(STEPS[step]) if not (row.about.internal or row.about.wired)]
    return [*rows, *(_MORE[step]() if step in _MORE else [])]


def _keys(rows: Iterable[Declared]) -> _Keys:
    return tuple((row.field.rstrip("_") + "_", row.name, _kind(row)) for row in rows)


def _table(name: str, keys: _Keys, **more: Any) -> type[BaseModel]:
    fields: dict[str, Any] = {field: (kind, Field(None, alias=alias)) for field, alias, kind in keys}
    config = ConfigDict(extra="forbid", frozen=True)
    return create_model(name, __config__=config, **{**fields, **more})


def _kind(row: Declared) -> Any:
    """The type in which a recipe gives an option."""
    several = row.given == tuple[str, ...]
    if row.about.writes:
        return Texts | StrictBool | None  # `overlay = true` leaves the name of the folder to the recipe
    return Texts | None if several or (row.about.convert and row.given is str) else _strict(row.given) | None


def _strict(kind: Any) -> Any:
    """A type that takes no other's values: `true` is no number, and 1.5 is no whole one."""
    if kind in _STRICT:
        return _STRICT[kind]
    if get_origin(kind) is tuple:
        parts: Any = tuple(part if part is Ellipsis else _strict(part) for part in get_args(kind))
        return tuple[parts]
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return reduce(or_, map(_strict, get_args(kind)))
    return kind


def make_model() -> type[BaseModel]:
    """The form of a recipe, for checking one: with the options of all members that are registered now."""
    return _make_model(tuple((name, _keys(table_options(name))) for name in STEPS))


@lru_cache(maxsize=1)  # a message about a mistake asks for it several times
def _make_model(steps: tuple[tuple[str, _Keys], ...]) -> type[BaseModel]:
    stack = _table("stack", _keys(list_options(ReadImageOptions)), images_=(str, Field(alias="images")))
    export = _table(
        "export",
        tuple(key for key in dict(steps)["export"] if key[1] not in ("to", "out")),
        to_=(str | list[str], Field("tiff", alias="to")),
        out_=(str | None, Field(None, alias="out")),
    )
    tables: dict[str, Any] = {name: (_table(name, keys) | None, None) for name, keys in steps}
    tables["export"] = (export | list[export] | None, None)  # type: ignore[valid-type]
    return create_model(
        "recipe",
        __config__=ConfigDict(extra="forbid", frozen=True),
        out=(str, "run"),
        device=(Literal["auto", "cpu", "cuda", "mps"], "auto"),
        stack=(stack | None, None),
        **tables,
    )


def recipe_of(checked: BaseModel) -> Recipe:
    """The recipe in a checked file.

    Raises:
        ValueError: tables that do not go together.
    """
    data = checked.model_dump(by_alias=True, exclude_unset=True)
    exports = data.pop("export", None)
    listed = [exports] if isinstance(exports, dict) else exports or []
    each = [{**table, "to": to} for table in listed for to in _names(table.get("to", "tiff"))]
    tables = {name: data[name] for name in STEPS if name in data}
    recipe = Recipe(data.get("out", "run"), data.get("device", "auto"), data.get("stack"), tables, tuple(each))
    _check_tables(recipe)
    return recipe


def _names(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _check_tables(recipe: Recipe) -> None:
    tables = recipe.tables
    if (recipe.stack is None) == ("phantom" not in tables):
        raise ValueError("give either a [stack] or a [phantom]")
    if "prepare" in tables and recipe.stack is None:
        raise ValueError("give a [stack] of raw slices to [prepare]")
    if ("train" in tables) == ("model" in recipe.table("segment")):
        raise ValueError("give either a [train] table or a model under [segment]")
    if (
        recipe.stack is not None
        and "train" in tables
        and not any("labels" in tables.get(name, {}) for name in ("train", "prepare"))
    ):
        raise ValueError("give labels under [train]")
    if recipe.stack is not None and "evaluate" in tables and "truth" not in tables["evaluate"]:
        raise ValueError("give a truth under [evaluate]")
    if "budget" in recipe.table("train") and "epochs" in recipe.table("train"):
        raise ValueError("give either a budget or epochs under [train]")
