"""What another library said about a failure, in one line."""

from __future__ import annotations


def reason(error: BaseException, limit: int = 160) -> str:
    """The error's message without line breaks, shortened to `limit` characters; its type if it has no message."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= limit else text[: limit - 3] + "..."
