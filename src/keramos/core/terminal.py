"""Text from files, fit for a terminal."""

from __future__ import annotations

import re
import unicodedata

_KEPT = "\n\t"
_ENDLESS = re.compile(r"\S{400,}")
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Unicode's categories of control and formatting characters, surrogates, private ones, and separators of lines."""


def escape_controls(text: str) -> str:
    """The text with every character that a terminal would obey, or hide, written as its escape; line breaks and tabs
    stay. What comes out of a file goes through this before it is shown.

    Example:
        >>> print(escape_controls("a\\x1b[2Jb \\u202egnp"))
        a\\x1b[2Jb \\u202egnp
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(character) for character in text)


def shorten_words(text: str) -> str:
    """The text with words of more than 400 characters, which nobody wrote, cut to their beginning.

    Example:
        >>> shorten_words("found " + "x" * 1000) == "found " + "x" * 100 + "..."
        True
    """
    return _ENDLESS.sub(lambda word: f"{word[0][:100]}...", text)


def _escape(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
