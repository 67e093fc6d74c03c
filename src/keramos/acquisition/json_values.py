"""JSON of any file, which may be none or nested without end."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str) -> Any:
    """The value of JSON; None for what is none.

    Example:
        >>> parse_json('{"a": 1}'), parse_json("{")
        ({'a': 1}, None)
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
