"""Data for the page's scripts, inside the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

# What could end a script element or begin a comment, and the two line ends that JSON allows and old scripts do not.
_ESCAPED = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def embed_json(values: Mapping[str, Any]) -> Markup:
    """JSON that may stand inside a script element: any text in it stays text."""
    text = json.dumps(values, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escaped in _ESCAPED.items():
        text = text.replace(character, escaped)
    return Markup(text)


def embed_bytes(data: bytes) -> str:
    """Bytes as base64 text."""
    return base64.b64encode(data).decode("ascii")
