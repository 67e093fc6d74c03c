"""A field of a form for each option of a verb: its kind, choices, bounds, default and help are those of the option."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, get_args

from magicgui import widgets as mg

from keramos.core import LabelVolume, Volume
from keramos.core.options import Declared, choices

_MOST_WHOLE = 2**31 - 1
"""Fields for whole numbers hold no larger ones."""
_NUMBERS = {tuple[float, float, float]: float, tuple[int, int, int]: int}
_USUAL = "as usual"
_WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True)
class Field:
    """An option, the widget that shows it, and how its value is read from the widget; None: as usual."""

    row: Declared
    widget: Any
    read: Callable[[], Any]

    @property
    def is_set(self) -> bool:
        """Whether it says anything else than usual."""
        value = self.read()
        return value is not None and value != self.row.default


def make_field(row: Declared, list_layers: Callable[[str], Sequence[Any]]) -> Field:
    """The field of an option; `list_layers` gives the layers of a type, for options that take stacks or labels."""
    label = row.name.replace("_", " ").capitalize() + (f" ({row.about.unit})" if row.about.unit else "")
    common = {"name": row.field, "label": label, "tooltip": _describe(row)}
    made = (make(row, common) for make in (_choice_field, _flag_field, _path_field, _number_field))
    first = _layer_field(row, common, list_layers) or next((field for field in made if field is not None), None)
    return first or _text_field(row, common)


def takes(row: Declared, kind: type[Any]) -> bool:
    """Whether a value of a class may be given for an option."""
    return kind in get_args(row.kind)


def _layer_field(row: Declared, common: dict[str, Any], list_layers: Callable[[str], Sequence[Any]]) -> Field | None:
    """A list of the layers that an option can take, where it takes stacks or labels."""
    if not row.about.reads or not (takes(row, Volume) or takes(row, LabelVolume)):
        return None
    types = ("image", "labels") if takes(row, Volume) and not row.required else ("image",)
    types = ("labels",) if takes(row, LabelVolume) else types

    def offer(_: Any) -> list[tuple[str, Any]]:
        layers = [layer for kind in types for layer in list_layers(kind)]
        return [*([] if row.required else [("none", None)]), *((layer.name, layer) for layer in layers)]

    box = mg.ComboBox(choices=offer, nullable=not row.required, **common)
    return Field(row, box, lambda: box.value)


def _choice_field(row: Declared, common: dict[str, Any]) -> Field | None:
    """A list of the values that an option can have."""
    allowed = choices(row.kind)
    if not allowed:
        return None
    offered = [*([(_USUAL, None)] if row.default is None else []), *((str(value), value) for value in allowed)]
    box = mg.ComboBox(choices=offered, value=row.default, nullable=True, **common)
    return Field(row, box, lambda: box.value)


def _flag_field(row: Declared, common: dict[str, Any]) -> Field | None:
    if row.given is not bool:
        return None
    box = mg.CheckBox(value=bool(row.default), **common)
    # An option of some members only has no value of its own: it is given where it is asked for.
    return Field(row, box, lambda: box.value if row.default is not None else box.value or None)


def _path_field(row: Declared, common: dict[str, Any]) -> Field | None:
    """A path that is read or written, with a button that asks for it."""
    if not (row.about.reads or row.about.writes) or row.given == tuple[str, ...]:
        return None
    edit = mg.FileEdit(mode="w" if row.about.writes else "r", nullable=True, value=None, **common)
    edit.line_edit.native.setPlaceholderText(row.about.metavar)
    edit.choose_btn.text = "..."
    # The text, not the value: that would turn the name of a model or an empty text into a path.
    return Field(row, edit, lambda: edit.line_edit.value.strip() or None)


def _number_field(row: Declared, common: dict[str, Any]) -> Field | None:
    """A number within its bounds, where the option has a default: without one the field may be empty, which spin boxes
    cannot be."""
    low, high, default = row.about.low, row.about.high, row.default
    if row.given not in (int, float) or default is None or (row.given is int and (high or 0) > _MOST_WHOLE):
        return None
    lowest, highest = (-_MOST_WHOLE if low is None else low), (_MOST_WHOLE if high is None else high)
    if row.given is int:
        spin: Any = mg.SpinBox(value=default, min=int(lowest), max=int(highest), step=1, **common)
    else:
        smallest = min(abs(value) for value in (low, default) if value)
        step = 10.0 ** floor(log10(smallest))
        spin = mg.FloatSpinBox(value=default, min=lowest, max=highest, step=step, **common)
    return Field(row, spin, lambda: spin.value)


def _text_field(row: Declared, common: dict[str, Any]) -> Field:
    """A line of text, as on a command line; what it says is held against the declaration when the form is sent."""
    edit = mg.LineEdit(value="", **common)
    edit.native.setPlaceholderText(_hint(row))
    return Field(row, edit, lambda: _parse(row, edit.value.strip()))


def _hint(row: Declared) -> str:
    """The text of an empty field: the form of a value, and what is usual."""
    usual = row.default if isinstance(row.default, str | int | float) and row.default != "" else None
    return " ".join(part for part in (row.about.metavar, "" if usual is None else f"({usual})") if part) or _USUAL


def _parse(row: Declared, text: str) -> Any:
    """The value in a text; a text that is none stays one, and is refused with the option's own sentence."""
    if not text:
        return None
    if row.given == tuple[str, ...]:
        return _words(text)
    kind = _NUMBERS.get(row.given)
    if kind is not None:
        return tuple(_number(part, kind) for part in text.replace(",", " ").split())
    given = {row.given, *get_args(row.given)} - {type(None)}
    if str in given:
        return _number(text, int) if int in given and _WHOLE.fullmatch(text) else text
    return _number(text, int if int in given and float not in given else float)


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, as on a command line; all of it where its quotes have no end, as in a name of a file."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return (text,)


def _number(text: str, kind: type[Any]) -> Any:
    try:
        return kind(text)
    except ValueError:
        return text


def _describe(row: Declared) -> str:
    """The help of an option, with its bounds."""
    low, high = row.about.low, row.about.high
    bounds = [f"at least {low:g}"] if low is not None else []
    bounds += [f"at most {high:g}"] if high is not None else []
    return " ".join([row.about.help, *([f"({' and '.join(bounds)})"] if bounds else [])])
