"""Messages of other libraries' errors, fit for a sentence of ours."""

from __future__ import annotations


def one_line(error: BaseException, limit: int = 160) -> str:
    """The error's message without line breaks, shortened to `limit` characters; its type if it has no message.

    Example:
        >>> one_line(ValueError("bad header,\\n  byte 3"))
        'bad header, byte 3'
    """
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= limit else text[: limit - 3] + "..."
