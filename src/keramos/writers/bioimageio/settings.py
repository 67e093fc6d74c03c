"""Options of a bioimage.io package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option

COMMENT = b"by Keramos"
"""The comment of the zip, by which an earlier package is known."""


def _check_name(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z0-9_+() -]{5,128}", name):
        raise SettingsError(
            f"expected a name of 5 to 128 letters, digits, blanks and _ + - ( ), as bioimage.io allows, found '{name}'"
        )
    return name


def _to_authors(authors: str | Iterable[str]) -> tuple[str, ...]:
    names = tuple(authors.split(",") if isinstance(authors, str) else authors)
    if any("/" in name or "\\" in name or not name.strip() for name in names):
        raise SettingsError(f"expected names of authors without / and \\, found {', '.join(names)}")
    return tuple(name.strip() for name in names)


@dataclass(frozen=True, kw_only=True)
class PackageSettings(Settings):
    """Options of a package, beyond what the model's card says. bioimage.io publishes no model without authors."""

    name: str = option("", help="Name of the model; default: from its architecture.", convert=_check_name)
    authors: tuple[str, ...] = option(
        (), help="Who made the model.", convert=_to_authors, given=str, metavar="NAME[, NAME]"
    )
