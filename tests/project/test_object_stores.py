"""Verbs that write to a bucket, and those that refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
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


def test_a_recipe_reads_from_a_bucket_and_does_again_what_its_objects_changed(
    buckets: Buckets, phantom: Path, keramos: Callable[..., Any], tmp_path: Path
) -> None:
    images = buckets.upload(phantom / "images.ome.zarr", "in/i.ome.zarr")
    truth = buckets.upload(phantom / "truth.ome.zarr", "in/t.ome.zarr")
    tables = f"[stack]\nimages = '{images}'\n[segment]\nmodel = 'otsu'\n[evaluate]\ntruth = '{truth}'\n"
    (tmp_path / "recipe.toml").write_text(tables)
    for wanted in (["new", "new"], ["up to date", "up to date"]):
        assert [step.state for step in api.run(tmp_path / "recipe.toml")] == wanted
    chunk = next(key for key in buckets.content("in/t.ome.zarr") if key.startswith("labels/truth/0/c/"))
    obstore.put(buckets("lab"), f"in/t.ome.zarr/{chunk}", b"another")
    steps = api.run(tmp_path / "recipe.toml", dry_run=True)
    assert [(step.state, step.why) for step in steps] == [
        ("up to date", "nothing has changed"),
        ("changed", "truth changed"),
    ]
    obstore.delete(buckets("lab"), [f"in/t.ome.zarr/{key}" for key in buckets.content("in/t.ome.zarr")])
    said = keramos("run", tmp_path / "recipe.toml").complaint
    assert "expected a file for truth, found nothing at s3://lab/in/t.ome.zarr" in said


@pytest.mark.parametrize(
    ("recipe", "key"),
    [
        ("out = 's3://lab/run'\n", "out"),
        ("[export]\nout = 's3://lab/x.tif'\n", "[export] out"),
        ("[quantify]\ntable = 's3://lab/x.csv'\n", "[quantify] table"),
        ("[evaluate]\ntruth = 'stack.tif'\noverlay = 's3://lab/o'\n", "[evaluate] overlay"),
        ("[prepare]\nlook = 's3://lab/x.html'\n", "[prepare] look"),
        ("[report]\nfigures = 's3://lab/x'\n", "[report] figures"),
    ],
)
def test_recipes_write_to_a_disk(
    recipe: str, key: str, buckets: Buckets, keramos: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "stack.tif").touch()
    text = f"{recipe}[stack]\nimages = 'stack.tif'\n[segment]\nmodel = 'otsu'\n"
    (tmp_path / "recipe.toml").write_text(text)
    ran = keramos("run", tmp_path / "recipe.toml")
    assert ran.status == 2
    assert f"expected a path on a disk for {key} of the recipe, found s3://lab/" in ran.complaint
    assert "found the address s3://lab/r.toml; copy it to a disk" in keramos("run", "s3://lab/r.toml").complaint


def test_a_recipe_is_proposed_for_a_stack_in_a_bucket(buckets: Buckets, phantom: Path, tmp_path: Path) -> None:
    images = buckets.upload(phantom / "images.ome.zarr", "in/i.ome.zarr")
    labels = buckets.upload(phantom / "truth.ome.zarr", "in/t.ome.zarr")
    proposed = api.start(images, labels=labels, out=tmp_path / "recipe.toml")
    assert {f'images = "{images}"', f'labels = "{labels}"'} <= set(proposed.recipe.splitlines())
    assert [step.name for step in api.run(tmp_path / "recipe.toml", dry_run=True)] == list(proposed.steps)


def test_a_report_is_that_of_a_folder(buckets: Buckets, phantom: Path, tmp_path: Path) -> None:
    stack, here = phantom / "images.ome.zarr", tmp_path / "s.ome.zarr"
    images, truth = buckets.upload(stack, "in/i.ome.zarr"), buckets.upload(phantom / "truth.ome.zarr", "in/t.ome.zarr")
    api.segment(images, model="otsu", out="s3://lab/run/s.ome.zarr")
    api.segment(stack, model="otsu", out=here)
    there = api.report("s3://lab/run", truth=truth, out=tmp_path / "there.html")
    assert there.numbers == api.report(here, truth=phantom / "truth.ome.zarr", out=tmp_path / "here.html").numbers
    assert "s3://lab/in/i.ome.zarr" in (tmp_path / "there.html").read_text(encoding="utf-8")


def test_samples_in_buckets_are_compared(
    buckets: Buckets, phantom: Path, keramos: Callable[..., Any], tmp_path: Path
) -> None:
    truth = phantom / "truth.ome.zarr"
    places = [buckets.upload(truth, f"samples/{name}.ome.zarr") for name in ("a", "b")]
    (tmp_path / "sheet.csv").write_text("file,group\n" + "".join(f"{place},g\n" for place in places))
    page = tmp_path / "p.html"
    for words in (("--groups", "g=s3://lab/samples/*.ome.zarr"), ("--sheet", tmp_path / "sheet.csv"), tuple(places)):
        said = keramos("report", *words, "--out", page).complaint
        assert "found the same values in a and b; a copy is no second sample" in said
    assert "found nothing that matches s3://lab/x*" in keramos("report", "--groups", "g=s3://lab/x*").complaint
