"""Text from files, fit for a terminal."""

from __future__ import annotations

import unicodedata

_KEPT = "\n\t"
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


def _escape(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
