"""Facts about how a store was made, as JSON values in its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keramos.core.files import translate_os_errors
from keramos.io.ngff_read import Attributes, read_attributes, read_ngff
from keramos.io.ngff_write import FACTS, PREPARATION
from keramos.io.zarr_store import open_group


def attach_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Add facts to the metadata of a store of labels, in both groups that show them. StorageError if that cannot be."""
    _attach(path, FACTS, facts)


def attach_preparation(path: Path, facts: Mapping[str, Any]) -> None:
    """Add facts about how raw slices were prepared to the metadata of a store of images, or of labels of them.
    StorageError if that cannot be."""
    _attach(path, PREPARATION, facts)


def _attach(path: Path, key: str, facts: Mapping[str, Any]) -> None:
    with translate_os_errors(path):
        for place in (path, *(path / "labels" / name for name in read_ngff(path).labels)):
            attributes = open_group(place, "r+").attrs
            ours: Attributes = dict(read_attributes(place)["keramos"])
            if ours.get(key) != facts:
                attributes["keramos"] = {**ours, key: dict(facts)}
