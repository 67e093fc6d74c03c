"""Values of options held against what their declaration says: type, choices and bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from keramos.core.errors import OptionError
from keramos.core.near_names import did_you_mean

_MOST = 10**12
"""Of a whole number without a bound of its own: nothing that is counted comes near."""


def choices(kind: Any) -> tuple[Any, ...]:
    """The values that a `Literal`, or a `Literal | None`, allows; empty for other types."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(choice for part in get_args(kind) for choice in choices(part)) if not isinstance(kind, type) else ()


def check_value(name: str, kind: Any, value: Any, *, low: float | None, high: float | None, unit: str) -> None:
    """OptionError unless a value is of the kind that an option declares, one of its choices, and within its bounds.

    Example:
        >>> check_value("seed", int, True, low=0, high=None, unit="")
        Traceback (most recent call last):
        keramos.core.errors.OptionError: seed: expected a whole number, found True
    """
    if value is None:
        return
    allowed = choices(kind)
    if allowed and value not in allowed:
        near = did_you_mean(str(value), map(str, allowed))
        raise OptionError(name, f"expected {' or '.join(map(str, allowed))}, found '{_shorten(value)}'{near}")
    wanted = _name_kind(set(_plain_kinds(kind)), value)
    if wanted:
        raise OptionError(name, f"expected {wanted}, found {_shorten(value)}")
    if isinstance(value, bool) or not isinstance(value, Real):
        return
    number: Any = value
    most = _MOST if high is None and isinstance(value, Integral) and unit != "bytes" else high
    words = f" {unit}" if unit else ""
    if low is not None and not number >= low:
        raise OptionError(name, f"expected at least {_shorten(low)}{words}, found {_shorten(value)}")
    if most is not None and not number <= most:
        raise OptionError(name, f"expected at most {_shorten(most)}{words}, found {_shorten(value)}")
    if not isinstance(value, Integral) and not math.isfinite(value):
        raise OptionError(name, f"expected a finite number, found {value:g}")


def _plain_kinds(kind: Any) -> Iterator[Any]:
    """The types that an option may have, one by one."""
    parts = get_args(kind) if get_origin(kind) is not None and not isinstance(kind, type) else ()
    if parts and get_origin(kind) not in (tuple, Literal, Mapping):
        for part in parts:
            yield from _plain_kinds(part)
    else:
        yield kind


def _name_kind(kinds: set[Any], value: Any) -> str:
    """The kind of value that was to be given; empty where the value is one, or where anything may be."""
    kinds -= {NoneType}
    if kinds == {bool}:
        return "" if isinstance(value, bool) else "true or false"
    if kinds == {str}:
        return "" if isinstance(value, str) else "a text"
    if not kinds or not kinds <= {int, float}:
        return ""
    if float in kinds:
        return "a number" if isinstance(value, bool) or not isinstance(value, Real) else ""
    return "a whole number" if isinstance(value, bool) or not isinstance(value, Integral) else ""


def _shorten(value: Any) -> str:
    """A value as a message shows it."""
    if isinstance(value, Integral):
        bits = abs(int(value)).bit_length()
        return str(value) if bits < 100 else f"a number of about {int(bits * math.log10(2)) + 1} digits"
    if isinstance(value, Real):
        return f"{value:g}"
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
