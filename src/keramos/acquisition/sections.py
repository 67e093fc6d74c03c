"""Texts of sections and `key=value` lines, as in an INI file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keramos.acquisition.values import to_number

Sections = Mapping[str, Mapping[str, str]]


def decode_text(content: bytes) -> str:
    """The text of some bytes: UTF-8 or UTF-16 by its mark, else UTF-8, else Latin-1, which Windows' programs write."""
    data = bytes(content)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0" != data[:1]:  # UTF-16 without its mark
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_sections(text: str) -> Sections:
    """The values by section and key; lines before the first section are in that with an empty name.

    Example:
        >>> read_sections("[Scan]\\nPixelWidth=5e-9")["Scan"]
        {'PixelWidth': '5e-9'}
    """
    sections: dict[str, dict[str, str]] = {"": {}}
    section = sections[""]
    for line in text.splitlines():
        row = line.strip()
        if row.startswith("[") and row.endswith("]"):
            section = sections.setdefault(row[1:-1], {})
        elif "=" in row:
            key, _, value = row.partition("=")
            section[key.strip()] = value.strip()
    return sections


def find_text(sections: Sections, names: Sequence[str], *keys: str) -> tuple[str, str] | None:
    """The first of the sections that has a text under one of the keys, as `Section.Key`, and the text."""
    for name in names:
        for key in keys:
            if value := sections.get(name, {}).get(key, ""):
                return f"{name}.{key}" if name else key, value
    return None


def find_number(sections: Sections, names: Sequence[str], *keys: str) -> tuple[str, float] | None:
    """The first of the sections that has a number under one of the keys, as `Section.Key`, and the number."""
    for name in names:
        for key in keys:
            if (value := to_number(sections.get(name, {}).get(key))) is not None:
                return f"{name}.{key}" if name else key, value
    return None
