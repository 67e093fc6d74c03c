"""Layouts of microscope makers' files as members of an open set.

A module-level `Vendor` in `keramos/acquisition/`, or behind an entry point of the group `keramos.vendors` of another
package, registers one. It is given the raw tags that a reader of `keramos.io` hands on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any

from keramos.core import Finding
from keramos.core.registry import Registry

_SAME = 0.01

Tags = Mapping[Any, Any]
"""Raw tags of a file by number or name, as its format has them. The bytes of a text file beside the image are under
their suffix, such as `.txt`."""


@dataclass(frozen=True)
class Fact:
    """A value, and the place in the file that states it."""

    value: Any
    source: str


def _read_nothing(_name: str, _content: bytes) -> Mapping[str, Fact]:
    return {}


@dataclass(frozen=True)
class Vendor:
    """The layout of one maker's files. Names of facts are those of `fact_names.FACT_NAMES`.

    Attributes:
        name: an identifier such as `thermo`.
        title: the maker's name.
        recognises: whether tags are of this maker.
        read: the facts in such tags by name; what is not written is left out.
        check: findings where the file contradicts itself or leaves something open.
        beside: the suffixes of the text files that stand beside each image, with its name: `.txt`, say.
        projects: patterns of the names of files that describe a whole stack, in its folder or one of the two above.
        read_project: the facts in such a file, from its name and its bytes.
    """

    name: str
    title: str
    recognises: Callable[[Tags], bool]
    read: Callable[[Tags], Mapping[str, Fact]]
    check: Callable[[Tags], Sequence[Finding]] = field(default=lambda _: ())
    beside: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    read_project: Callable[[str, bytes], Mapping[str, Fact]] = _read_nothing


VENDORS: Registry[Vendor] = Registry("vendors", Vendor, "keramos.acquisition")


def read_facts(tags: Tags) -> dict[str, Fact]:
    """The facts that the vendors who recognise the tags read in them; of two that state the same the first by name
    counts. None where nobody recognises them."""
    facts: dict[str, Fact] = {}
    for vendor in vendors_of(tags):
        facts = {**vendor.read(tags), **facts}
    return facts


def maker_of(tags: Tags) -> dict[str, Fact]:
    """The maker of the microscope, by the layout of its tags; nothing where nobody recognises them."""
    vendors = vendors_of(tags)
    return {"maker": Fact(vendors[0].title, "the layout of the metadata")} if vendors else {}


def check_facts(tags: Tags) -> list[Finding]:
    """The findings about the tags of the vendors who recognise them, and one for each fact of which two of them state
    other values."""
    vendors = vendors_of(tags)
    findings = [finding for vendor in vendors for finding in vendor.check(tags)]
    read = [vendor.read(tags) for vendor in vendors] if len(vendors) > 1 else []
    for one, other in combinations(read, 2):
        findings += compare_facts(one, other)
    return findings


def compare_facts(one: Mapping[str, Fact], other: Mapping[str, Fact]) -> list[Finding]:
    """A finding for each fact of which two places state other values; the first one's are taken."""
    return [
        Finding(
            "contradiction",
            f"{fact.source} says {fact.value:.6g}, but {other[name].source} {other[name].value:.6g}",
            "the first is taken",
            "see which is right" + (" (--voxel-size Z Y X, in nm)" if name.startswith("voxel_size") else ""),
        )
        for name, fact in one.items()
        if name in other and _differ(fact.value, other[name].value)
    ]


def _differ(one: Any, other: Any) -> bool:
    """Whether two numbers or switches differ by more than rounding."""
    are_numbers = all(isinstance(value, int | float) for value in (one, other))
    return are_numbers and abs(one - other) > _SAME * max(abs(one), abs(other))


def vendors_of(tags: Tags) -> list[Vendor]:
    """The vendors who recognise the tags."""
    return [vendor for vendor in VENDORS.values() if vendor.recognises(tags)]


def read_project(name: str, content: bytes) -> dict[str, Fact]:
    """The facts in a file that describes a whole stack; none where no vendor writes files of that name."""
    facts: dict[str, Fact] = {}
    for vendor in VENDORS.values():
        if any(fnmatchcase(name.lower(), pattern) for pattern in vendor.projects):
            facts = {**vendor.read_project(name, content), **facts}
    return facts


def suffixes_beside() -> frozenset[str]:
    """The suffixes of text files beside images that some vendor reads."""
    return frozenset(suffix for vendor in VENDORS.values() for suffix in vendor.beside)


def project_patterns() -> frozenset[str]:
    """Patterns, in lower case, of the names of files that describe a whole stack."""
    return frozenset(pattern for vendor in VENDORS.values() for pattern in vendor.projects)
