"""Layouts of microscope makers' files as members of an open set.

A module-level `Vendor` in `keramos/acquisition/`, or behind an entry point of the group `keramos.vendors` of another
package, registers one. It is given the raw tags that a reader of `keramos.io` hands on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keramos.core import Finding
from keramos.core.registry import Registry

Tags = Mapping[Any, Any]
"""Raw tags of a file by number or name, as its format has them."""


@dataclass(frozen=True)
class Fact:
    """A value, and the place in the file that states it."""

    value: Any
    source: str


@dataclass(frozen=True)
class Vendor:
    """The layout of one maker's files.

    Attributes:
        name: an identifier such as `thermo`.
        title: the maker's name.
        recognises: whether tags are of this maker.
        read: the facts in such tags by name; what is not written is left out.
        check: findings where the file contradicts itself or leaves something open.

    Names of facts: `voxel_size_z_nm`, `voxel_size_y_nm` and `voxel_size_x_nm`; `information_bar_rows` at the lower edge
    of the image; `tilt_deg` between the electron beam and the normal of the section; `tilt_corrected`, whether the
    image was stretched for it.
    """

    name: str
    title: str
    recognises: Callable[[Tags], bool]
    read: Callable[[Tags], Mapping[str, Fact]]
    check: Callable[[Tags], Sequence[Finding]] = field(default=lambda _: ())


VENDORS: Registry[Vendor] = Registry("vendors", Vendor, "keramos.acquisition")


def read_facts(tags: Tags) -> dict[str, Fact]:
    """The facts that the first vendor who recognises the tags reads in them; none where nobody does."""
    vendor = vendor_of(tags)
    return {} if vendor is None else dict(vendor.read(tags))


def check_facts(tags: Tags) -> list[Finding]:
    """The findings about the tags of the first vendor who recognises them."""
    vendor = vendor_of(tags)
    return [] if vendor is None else list(vendor.check(tags))


def vendor_of(tags: Tags) -> Vendor | None:
    """The first vendor who recognises the tags."""
    return next((vendor for vendor in VENDORS.values() if vendor.recognises(tags)), None)
