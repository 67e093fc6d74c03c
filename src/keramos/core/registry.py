"""Open sets: members by name, one member a file, also from other installed packages."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from keramos.core.errors import SettingsError
from keramos.core.near_names import did_you_mean

M = TypeVar("M")


class Registry(Mapping[str, M], Generic[M]):
    """The members of an open set, such as all segmenters, looked for when first asked.

    A member is a module-level value of class `kind` in any module of the packages: writing the file registers it.
    Another installed package registers one by an entry point of the group `keramos.<plural>` whose object is the
    member, or a module that holds members. Two members of one name are refused.

    Args:
        plural: what the members are called together, such as `segmenters`.
        kind: their class, with an attribute `name`.
        packages: the full names of the packages whose modules hold the members that Keramos brings.
    """

    def __init__(self, plural: str, kind: type[M], *packages: str) -> None:
        self.plural, self.kind, self.packages = plural, kind, packages

    @property
    def group(self) -> str:
        """The group of entry points in which other packages register members."""
        return f"keramos.{self.plural}"

    def __getitem__(self, name: str) -> M:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def find(self, name: str) -> M:
        """The member of that name; SettingsError, with the names there are, if there is none."""
        if name not in self._members:
            near = did_you_mean(str(name), self._members)
            raise SettingsError(
                f"expected one of the {self.plural} {', '.join(self._members)}, found '{str(name)[:80]}'{near}"
            )
        return self._members[name]

    def refresh(self) -> None:
        """Look for members again, after another package has been installed in this process."""
        self.__dict__.pop("_members", None)

    @cached_property
    def _members(self) -> dict[str, M]:
        members: dict[str, M] = {}
        homes: dict[str, str] = {}
        for home, member in (*self._of_keramos(), *self._of_others()):
            name: str = member.name  # type: ignore[attr-defined]
            if name in members and members[name] is not member:
                raise SettingsError(f"expected one of the {self.plural} named '{name}', found {homes[name]} and {home}")
            members[name], homes[name] = member, home
        return members

    def _of_keramos(self) -> Iterator[tuple[str, M]]:
        for package in self.packages:
            for found in sorted(pkgutil.iter_modules(import_module(package).__path__), key=lambda module: module.name):
                module = f"{package}.{found.name}"
                yield from self._in_module(module, import_module(module))

    def _of_others(self) -> Iterator[tuple[str, M]]:
        for entry in entry_points(group=self.group):
            loaded = entry.load()
            if isinstance(loaded, self.kind):
                yield entry.value, loaded
            else:
                yield from self._in_module(entry.value, loaded)

    def _in_module(self, home: str, module: object) -> Iterator[tuple[str, M]]:
        for value in vars(module).values():
            if isinstance(value, self.kind):
                yield home, value
