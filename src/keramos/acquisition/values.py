"""Numbers, lengths, switches and times as microscopes write them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from keramos.acquisition.vendor import Fact

_NM = {"fm": 1e-6, "pm": 1e-3, "nm": 1.0, "µm": 1e3, "um": 1e3, "mm": 1e6, "cm": 1e7, "m": 1e9}
_OTHERS = {"kV": 1.0, "V": 1e-3, "Volt": 1e-3, "nA": 1.0, "pA": 1e-3, "µA": 1e3, "uA": 1e3, "A": 1e9}
_OTHERS |= {"µs": 1.0, "us": 1.0, "ns": 1e-3, "ms": 1e3, "s": 1e6, "sec": 1e6}
_DEGREES = {
    **dict.fromkeys(("°", "º", "Â°", "\ufffd", "deg", "deg.", "degree", "degrees"), 1.0),
    "rad": math.degrees(1),
}
_AMOUNT = re.compile(r"\s*=?\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*([^\s\]]*)")
_ON = {"on": True, "yes": True, "true": True, "1": True, "off": False, "no": False, "false": False, "0": False}
_MOST = 1e30
_TIMES = (
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
)

Amounts = Mapping[str, float]
NM, KV_NA_US, DEGREES = _NM, _OTHERS, _DEGREES
"""What one of each unit is in nm; in kV, nA or µs; and in degrees."""


def to_number(text: str | None) -> float | None:
    """A number that is finite in any unit, or None.

    Example:
        >>> to_number(" 2.5012e-6"), to_number("off"), to_number("inf")
        (2.5012e-06, None, None)
    """
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < _MOST else None


def to_amount(text: str | None, units: Amounts, default: str = "") -> float | None:
    """An amount in the unit that counts 1 in `units`; without a unit it is in the `default` one. None where the text
    has no number, or another unit.

    Example:
        >>> to_amount("5.000 nm", NM), to_amount("= 0.005 µm", NM), to_amount("593.3", NM, "nm"), to_amount("20 %", NM)
        (5.0, 5.0, 593.3, None)
    """
    match = _AMOUNT.match((text or "").replace("\u03bc", "µ").replace("\xc2\xb5", "µ"))
    if match is None:
        return None
    factor, number = units.get(match[2] or default), to_number(match[1])
    return None if factor is None or number is None else tidy(number * factor)


def tidy(value: float) -> float:
    """A number without the last digits that only the conversion of units put there."""
    return float(f"{value:.9g}")


def to_switch(text: str | None) -> bool | None:
    """Whether a switch is on; None where the text is neither on nor off."""
    return _ON.get((text or "").strip().lower())


def to_time(text: str | None) -> str | None:
    """A date and a time of day in the ISO form, which sorts; None where the text is none.

    Example:
        >>> to_time("27.10.2016 13:16:51"), to_time("11 Apr 2023 8:40:47"), to_time("yesterday")
        ('2016-10-27T13:16:51', '2023-04-11T08:40:47', None)
    """
    words = " ".join((text or "").split())
    try:
        return datetime.fromisoformat(words).isoformat()
    except ValueError:
        pass
    for form in _TIMES:
        try:
            return datetime.strptime(words, form).isoformat()
        except ValueError:
            continue
    return None


def keep_known(facts: Mapping[str, tuple[object, str]]) -> dict[str, Fact]:
    """The facts whose value is not None or empty."""
    return {name: Fact(value, source) for name, (value, source) in facts.items() if value not in (None, "")}
