"""Verbs that write to a bucket, and those that refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from buckets import Buckets, put_buckets
from doubles import Dies, Killed

import keramos as api
from keramos.project.recipe.steps import Places


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    return put_buckets(monkeypatch)


def without_logs(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not name.endswith(".jsonl")}


def test_a_prepared_volume_is_that_of_a_folder(buckets: Buckets, phantom: Path, tmp_path: Path) -> None:
    raw, out = phantom / "images.ome.zarr", tmp_path / "p.ome.zarr"
    api.prepare(raw, out=out)
    with pytest.raises(Killed):
        api.prepare(raw, out="s3://lab/out/p.ome.zarr", reporter=Dies(0, "prepare the volume"))
    api.prepare(raw, out="s3://lab/out/p.ome.zarr")
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert without_logs(buckets.content("out/p.ome.zarr")) == without_logs(files)


def test_a_segmentation_goes_from_bucket_to_bucket(
    buckets: Buckets, phantom: Path, keramos: Callable[..., Any]
) -> None:
    images, out = buckets.upload(phantom / "images.ome.zarr", "in/i.ome.zarr"), "s3://lab/out/s.ome.zarr"
    assert keramos("segment", images, "--model", "otsu", "--out", out).status == 0
    assert "finished already" in str(keramos("segment", images, "--model", "otsu", "--out", out).notes)
    assert keramos("segment", images, "--model", "otsu", "--out", f"{images}/inside").status == 2
    assert (
        "found s3://lab/in/i.ome.zarr to be" in keramos("segment", images, "--model", "otsu", "--out", images).complaint
    )


@pytest.mark.parametrize(
    "command",
    [
        ("quantify", "TRUTH", "--out", "s3://lab/q"),
        ("quantify", "TRUTH", "--json", "s3://lab/q.json"),
        ("evaluate", "TRUTH", "TRUTH", "--overlay", "s3://lab/o"),
        ("train", "--images", "IMAGES", "--labels", "TRUTH", "--out", "s3://lab/m.keramos"),
        ("report", "TRUTH", "--out", "s3://lab/r.html"),
        ("phantom", "--out", "s3://lab/p"),
        ("export", "TRUTH", "--to", "tiff", "--out", "s3://lab/t.tif"),
    ],
    ids=lambda command: f"{command[0]} {command[-2]}",
)
def test_other_outputs_are_refused(
    command: tuple[str, ...], buckets: Buckets, phantom: Path, keramos: Callable[..., Any]
) -> None:
    places = {"TRUTH": phantom / "truth.ome.zarr", "IMAGES": phantom / "images.ome.zarr"}
    said = keramos(*(places.get(word, word) for word in command)).complaint
    assert "expected a path on a disk for" in said
    assert said.endswith("write it to a disk and copy it")
    assert not buckets.content("")


def test_a_recipe_names_addresses(tmp_path: Path, buckets: Buckets) -> None:
    places = Places(tmp_path, tmp_path / "runs")
    assert places.path("s3://lab/in/i.ome.zarr") == "s3://lab/in/i.ome.zarr"
    assert places.path("i.ome.zarr") == str(tmp_path / "i.ome.zarr")
