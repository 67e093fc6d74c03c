"""Options of a data set for nnU-Net."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise SettingsError(f"expected a name of letters, digits, _ and - for a data set, found '{name}'")
    return name


@dataclass(frozen=True, kw_only=True)
class NnunetSettings(Settings):
    """Options of a data set. nnU-Net finds it by its number; 1 to 10 are taken by public ones."""

    name: str = option("Keramos", help="Name of the data set.", convert=_check_name)
    number: int = option(500, help="Number of the data set.", metavar="N", low=1, high=999)
    context: int = option(0, help="Slices beside the annotated ones, to be ignored.", metavar="N", low=0)

    @property
    def folder(self) -> str:
        return f"Dataset{self.number:03d}_{self.name}"

    def case(self, number: int) -> str:
        """The name of a case, counted from 0."""
        return f"{self.name}_{number:03d}"
