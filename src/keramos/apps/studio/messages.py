"""Messages of pages, checked before anything is done with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

from keramos.core.errors import SettingsError

_KEYS: dict[str, dict[str, type]] = {
    "gesture": {"id": int, "gesture": dict},
    "undo": {"id": int},
    "redo": {"id": int},
    "view": {"view": dict},
    "take-writing": {},
}
"""Kinds of messages, with the keys that each needs."""
_MOST_DIGITS = 2**53
MAX_VIEW_BYTES = 2**16


def read_message(received: Mapping[str, Any]) -> dict[str, Any]:
    """A message of a page, from what the socket has received.

    Raises:
        SettingsError: it is not text, no JSON object, or none of the messages that there are.
    """
    text = received.get("text")
    if not isinstance(text, str):
        raise SettingsError("a message of the page is text, not bytes")
    message = read_object(text, "a message of the page")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise SettingsError(f"the type of a message is one of {', '.join(_KEYS)}, not {str(kind)[:80]!r}")
    for name, wanted in _KEYS[kind].items():
        value = message.get(name)
        fine = isinstance(value, wanted) and not isinstance(value, bool)
        if not fine or (isinstance(value, int) and abs(value) > _MOST_DIGITS):
            what = {int: "a whole number", dict: "an object"}[wanted]
            raise SettingsError(f"{name} of the message {kind} is {what}, not {str(value)[:80]!r}")
    if kind == "view" and len(text) > MAX_VIEW_BYTES:
        raise SettingsError(f"a view has at most {MAX_VIEW_BYTES // 1024} KiB")
    if kind == "view" and not _is_unicode(message["view"]):
        raise SettingsError("a view has texts in Unicode")
    return message


def read_object(text: str | bytes, what: str) -> dict[str, Any]:
    """A JSON object. SettingsError for anything else, for numbers that are not finite, and for what is nested too
    deeply."""
    try:
        content = json.loads(text, parse_constant=_refuse_number, parse_float=_read_number)
    except (ValueError, RecursionError):
        raise SettingsError(f"{what} is an object in JSON, with finite numbers") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{what} is an object in JSON, not {type(content).__name__}")
    return content


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(name)


def _read_number(text: str) -> float:
    """A number; ValueError for one that is too large to be finite, such as 1e999."""
    number = float(text)
    return number if isfinite(number) else _refuse_number(text)


def _is_unicode(value: Any) -> bool:
    """Whether all texts in it can be sent again; half a surrogate pair (`\\ud800`) cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True
