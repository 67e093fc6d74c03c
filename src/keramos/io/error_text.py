"""Messages of other libraries' errors, fit for a sentence of ours."""

from __future__ import annotations

import re
import struct

_OBJECT = re.compile(r"\bb'[^']*'|\b(Posix|Windows)Path\(|<[^<>]* at 0x[0-9a-f]+>")
"""How Python writes bytes, paths and objects."""
_SLIPS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    TypeError,
    struct.error,
)
"""Errors whose text says what a program did, not what is wrong with a file."""


def one_line(error: BaseException, limit: int = 160) -> str:
    """The error's message without line breaks, shortened to `limit` characters; of a slip of a reading program only
    that what it read makes no sense.

    Example:
        >>> one_line(ValueError("bad header,\\n  byte 3"))
        'bad header, byte 3'
    """
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, _SLIPS) or not str(error) or "<class " in str(error):
        return "what it states makes no sense"
    text = _OBJECT.sub("", " ".join(str(error).split()))
    return text if len(text) <= limit else text[: limit - 3] + "..."
