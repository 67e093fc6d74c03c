"""A store in a bucket is read as the same store in a folder is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import obstore
import pytest
import zarr
from buckets import Buckets, put_buckets

from keramos.core.errors import FormatError, MissingFileError
from keramos.io import describe, file_fingerprint, open_labels, open_volume


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    return put_buckets(monkeypatch)


@pytest.fixture
def images(buckets: Buckets, phantom: Path) -> str:
    return buckets.upload(phantom / "images.ome.zarr", "in/images.ome.zarr")


@pytest.fixture
def truth(buckets: Buckets, phantom: Path) -> str:
    return buckets.upload(phantom / "truth.ome.zarr", "in/truth.ome.zarr")


def test_voxels_and_facts_are_the_same(images: str, truth: str, phantom: Path) -> None:
    here, there = open_volume(phantom / "images.ome.zarr"), open_volume(images)
    assert there.shape == here.shape
    assert np.array_equal(there.read(), here.read())
    labels = open_labels(truth)
    assert np.array_equal(labels.read(), open_labels(phantom / "truth.ome.zarr").read())
    assert labels.phases.names == ("void", "solid")
    facts, wanted = describe(truth), describe(phantom / "truth.ome.zarr")
    assert facts.pop("path") == truth
    assert str(wanted.pop("path")) == str(phantom / "truth.ome.zarr")
    assert {**facts, "acquisition": None} == {**wanted, "acquisition": None}


def test_the_fingerprint_is_of_the_content(images: str, buckets: Buckets, phantom: Path) -> None:
    first = file_fingerprint(images)
    assert file_fingerprint(images) == first
    assert file_fingerprint(buckets.upload(phantom / "images.ome.zarr", "other/images.ome.zarr")) != first
    chunk = next(name for name in buckets.content("in/images.ome.zarr") if name.startswith("0/c/"))
    obstore.put(buckets("lab"), f"in/images.ome.zarr/{chunk}", b"other")
    assert file_fingerprint(images) != first


@pytest.mark.parametrize("verb", ["info", "check", "quantify", "evaluate"])
def test_commands_print_the_same(
    verb: str, keramos: Callable[..., Any], images: str, truth: str, phantom: Path, tmp_path: Path
) -> None:
    given = {
        "info": lambda images, _: ("info", images),
        "check": lambda images, _: ("check", images),
        "quantify": lambda _, truth: ("quantify", truth, "--no-transport"),
        "evaluate": lambda _, truth: ("evaluate", truth, truth),
    }[verb]
    there = keramos(*given(images, truth), "--json", tmp_path / "there.json")
    here = keramos(*given(phantom / "images.ome.zarr", phantom / "truth.ome.zarr"), "--json", tmp_path / "here.json")
    assert there.status == here.status == 0
    one, other = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("there", "here"))
    assert _without_paths(one) == _without_paths(other)


def _without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_paths(each) for key, each in value.items() if key not in ("provenance", "inputs")}
    if isinstance(value, list):
        return [_without_paths(each) for each in value]
    return value.rsplit("/", 1)[-1] if isinstance(value, str) else value


def test_chunks_that_are_lost_are_told(buckets: Buckets, truth: str) -> None:
    keys = [key for key in buckets.content("in/truth.ome.zarr") if key.startswith("labels/truth/0/c/")]
    obstore.delete(buckets("lab"), f"in/truth.ome.zarr/{keys[0]}")
    assert "missing-chunks" in {finding.kind for finding in open_labels(truth).findings}


def test_chunks_missing_in_shards_are_told(buckets: Buckets, tmp_path: Path) -> None:
    group = zarr.create_group(tmp_path / "s.zarr", zarr_format=3)
    level = {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [20.0, 10.0, 10.0]}]}
    axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": [level]}]}
    array = group.create_array("0", shape=(8, 16, 16), chunks=(4, 8, 8), shards=(8, 16, 16), dtype="uint8")
    array[:4] = 7
    there = open_volume(buckets.upload(tmp_path / "s.zarr", "in/s.zarr"))
    assert np.array_equal(there.read()[:4], np.full((4, 16, 16), 7))
    assert "4 of 8 chunks in the shards" in there.findings[0].message


def test_a_damaged_chunk_is_named(images: str, buckets: Buckets) -> None:
    chunk = next(name for name in buckets.content("in/images.ome.zarr") if name.startswith("0/c/"))
    for content in (b"", b"damage"):
        obstore.put(buckets("lab"), f"in/images.ome.zarr/{chunk}", content)
        with pytest.raises(FormatError, match=chunk.removeprefix("0/")):
            open_volume(images).read()


def test_other_files_are_refused(buckets: Buckets, tmp_path: Path, keramos: Callable[..., Any]) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*\0")
    address = buckets.upload(tmp_path / "a.tif", "in/a.tif")
    with pytest.raises(FormatError, match="expected an OME-Zarr in an object store"):
        open_volume(address)
    assert "copy it to a disk" in keramos("info", address).complaint
    with pytest.raises(MissingFileError, match=r"s3://lab/nothing\.ome\.zarr"):
        open_volume("s3://lab/nothing.ome.zarr")
