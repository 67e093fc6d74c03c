"""Facts about how a store was made, as JSON values in its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zarr

from keramos.core.files import translate_os_errors
from keramos.io.ngff_read import Attributes, read_attributes, read_ngff
from keramos.io.ngff_write import FACTS, PREPARATION


def attach_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Add facts to the metadata of a store of labels, in both groups that show them. StorageError if that cannot be."""
    with translate_os_errors(path):
        for place in (path, *(path / "labels" / name for name in read_ngff(path).labels)):
            attributes = zarr.open_group(place, mode="r+").attrs
            ours: Attributes = dict(read_attributes(place)["keramos"])
            if ours.get(FACTS) != facts:
                attributes["keramos"] = {**ours, FACTS: dict(facts)}


def attach_preparation(path: Path, facts: Mapping[str, Any]) -> None:
    """Add facts about how raw slices were prepared to the metadata of a store of images. StorageError if that cannot
    be."""
    with translate_os_errors(path):
        attributes = zarr.open_group(path, mode="r+").attrs
        attributes["keramos"] = {**read_attributes(path)["keramos"], PREPARATION: dict(facts)}
