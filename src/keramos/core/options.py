"""Options of a verb, each declared once: a frozen `Settings` value whose fields say all about themselves.

Everything else is derived from the fields: the command line and its help, the recipe's table, the identity that a
resumed run must share, the provenance record, and the reference page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_type_hints

from keramos.core.errors import KeramosError, OptionError
from keramos.core.option_check import check_value
from keramos.core.option_check import choices as choices

Group = Literal["Files", "Method", "Output", "Reading", "Resources"]
"""Headings of help texts, in this order."""

_KEY = "option"


@dataclass(frozen=True, slots=True)
class Option:
    """Facts that a field of `Settings` states beyond its name, type and default.

    Attributes:
        help: one line for help texts and the reference page; the default is added there.
        unit: of a number, such as `nm` or `s`.
        low, high: inclusive bounds of a number.
        group: under which heading help texts show it.
        affects_result: whether another value may give another result; what does not (memory, workers, progress) is
            left out of the identity of a run.
        convert: makes the value from what a command line, a recipe or a caller gives, such as `2GiB` or three numbers;
            called with anything but None; raises a KeramosError.
        given: the type in which a command line or a recipe gives it, where that is not the field's own.
        metavar: how help texts name the value.
        name: its name in text, if that is not the field's own.
        also: another spelling of it on a command line.
        argument: whether a command takes it without its name.
        leading: whether Python callers may give it without its name, as an `argument` always is.
        internal: whether only Python callers can give it.
        reads: whether its value is a file that is read, or the content of one.
        writes: the kind of output that is written at the path which is its value; empty: none.
        holds_results: whether outputs may lie in the folder that is read, as in that of a run.
        wired: whether a recipe gives it by the order of its steps, so that its table has no such key.
    """

    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    group: Group = "Method"
    affects_result: bool = True
    convert: Callable[[Any], Any] | None = None
    given: Any = None
    metavar: str = ""
    name: str = ""
    also: str = ""
    argument: bool = False
    leading: bool = False
    internal: bool = False
    reads: bool = False
    writes: str = ""
    holds_results: bool = False
    wired: bool = False


def option(default: Any = MISSING, *, factory: Any = MISSING, **about: Any) -> Any:
    """A field of a `Settings` class: its default and, by keyword, the attributes of `Option`.

    Example:
        >>> @dataclass(frozen=True, kw_only=True)
        ... class Smooth(Settings):
        ...     radius: float = option(2.0, help="Radius of the filter.", unit="px", low=0)
        >>> Smooth(radius=3).identity()
        {'radius': 3}
        >>> Smooth(radius=-1)
        Traceback (most recent call last):
        keramos.core.errors.OptionError: radius: expected at least 0 px, found -1
    """
    made = Option(**about)
    extra = {"kw_only": False} if made.argument or made.leading else {}
    return dataclasses.field(default=default, default_factory=factory, metadata={_KEY: made}, **extra)


@dataclass(frozen=True, slots=True)
class Declared:
    """An option with its field: `field` is the attribute, `kind` the type of its value, and `name` its name in text,
    without the underscore that ends a name which Python keeps for itself, such as `from_`."""

    field: str
    name: str
    kind: Any
    default: Any
    required: bool
    about: Option

    @property
    def given(self) -> Any:
        """The type in which text interfaces take it."""
        return self.about.given or self.kind


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of all settings: converts, checks choices and bounds, and tells what decides a result.

    Raises:
        OptionError: a value out of bounds, none of the choices, or one that cannot be converted.
    """

    def __post_init__(self) -> None:
        for declared in list_options(type(self)):
            value = getattr(self, declared.field)
            if value is not None and declared.about.convert is not None:
                value = _convert(declared, value)
                object.__setattr__(self, declared.field, value)
            about = declared.about
            check_value(declared.name, declared.kind, value, low=about.low, high=about.high, unit=about.unit)

    @classmethod
    def of(cls, settings: Settings, **changes: Any) -> Self:
        """The options of this class, some of them changed, from settings that hold them among others."""
        return cls(**{field.name: getattr(settings, field.name) for field in dataclasses.fields(cls)} | changes)

    def replace(self, **changes: Any) -> Self:
        """The same settings with some changed."""
        return dataclasses.replace(self, **changes)

    def inputs(self) -> dict[str, tuple[Any, ...]]:
        """The inputs by option: paths, or volumes that are open already."""
        given = {row.name: getattr(self, row.field) for row in list_options(type(self)) if row.about.reads}
        return {
            name: value if isinstance(value, tuple) else (value,) for name, value in given.items() if value is not None
        }

    def outputs(self) -> dict[str, Any]:
        """The paths that are written, by option."""
        given = {row.name: getattr(self, row.field) for row in list_options(type(self)) if row.about.writes}
        return {name: value for name, value in given.items() if value is not None}

    def identity(self) -> dict[str, Any]:
        """Every option that affects the result, as JSON values: what a resumed run must have in common."""
        rows = list_options(type(self))
        return {row.name: plain(getattr(self, row.field)) for row in rows if row.about.affects_result}

    def to_json(self) -> dict[str, Any]:
        """Every option, as JSON values."""
        return {row.name: plain(getattr(self, row.field)) for row in list_options(type(self))}


def result_identity(settings: Any) -> dict[str, Any]:
    """Every field of a frozen value that affects the result, as JSON values: all but those declared otherwise.

    For `Settings` it is their `identity`; in any other dataclass a field that is no `option` affects the result.
    """
    if isinstance(settings, Settings):
        return settings.identity()
    usual = Option("")
    names = [field.name for field in dataclasses.fields(settings) if field.metadata.get(_KEY, usual).affects_result]
    return {name: plain(getattr(settings, name)) for name in names}


def list_options(settings: type[Settings]) -> tuple[Declared, ...]:
    """The options of a class of settings, in the order of its fields."""
    kind: Any = settings  # a class of frozen values is taken by mypy for its values, which have a hash of their own
    return _list_options(kind)


@cache
def _list_options(settings: Any) -> tuple[Declared, ...]:
    kinds = get_type_hints(settings)
    rows = []
    for field in dataclasses.fields(settings):
        about: Option = field.metadata[_KEY]
        required = field.default is MISSING and field.default_factory is MISSING
        default = None if required else field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        rows.append(
            Declared(field.name, about.name or field.name.rstrip("_"), kinds[field.name], default, required, about)
        )
    return tuple(rows)


def merge_options(members: Mapping[str, type[Settings]]) -> list[Declared]:
    """The options that members of an open set have of their own, by the members' names, each option once.

    The help of an option names the members that have it, and its default; as a value of its own it is None, so that a
    member is given only what was chosen.
    """
    rows: dict[str, Declared] = {}
    for name, settings in members.items():
        for row in list_options(settings):
            text = f"{name}: {row.about.help}"
            if row.default not in (None, "", (), False) and "default" not in text:
                text = f"{text[:-1]}; default: {row.default}."
            if row.name in rows:
                text = f"{rows[row.name].about.help} {text}"
            rows[row.name] = dataclasses.replace(
                row, field=row.name, about=dataclasses.replace(row.about, help=text), default=None, required=False
            )
    return list(rows.values())


def plain(value: Any) -> Any:
    """A value as JSON has it: paths, boxes and voxel sizes as text and numbers."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "zyx"):
        return list(value.zyx)
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Iterable) and not isinstance(value, Path):
        return [plain(item) for item in value]
    return str(value)


def _convert(declared: Declared, value: Any) -> Any:
    if declared.about.convert is None:
        return value
    try:
        return declared.about.convert(value)
    except KeramosError as error:
        raise OptionError(declared.name, str(error)) from None
    except (TypeError, ValueError, AttributeError, OverflowError):
        wanted = declared.about.metavar or "another value"
        raise OptionError(declared.name, f"expected {wanted}, found {str(value)[:80]!r}") from None
