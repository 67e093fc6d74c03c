"""Which data set is written, and under which name nnU-Net finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keramos.core.errors import SettingsError


@dataclass(frozen=True)
class NnunetSettings:
    """Name and number of a data set, and how many slices beside the annotated ones are written as context, to be
    ignored. nnU-Net finds a data set by its number; 1 to 10 are taken by public ones.

    Raises:
        SettingsError: a name or a number that nnU-Net does not allow, or less than no context.
    """

    name: str = "Keramos"
    number: int = 500
    context: int = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name):
            raise SettingsError(f"expected a name of letters, digits, _ and - for a data set, found '{self.name}'")
        if not 1 <= self.number <= 999:
            raise SettingsError(f"expected the number of a data set from 1 to 999, found {self.number}")
        if self.context < 0:
            raise SettingsError(f"expected a context of 0 slices or more, found {self.context}")

    @property
    def folder(self) -> str:
        return f"Dataset{self.number:03d}_{self.name}"

    def case(self, number: int) -> str:
        """The name of a case, counted from 0."""
        return f"{self.name}_{number:03d}"
