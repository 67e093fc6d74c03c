"""A report's numbers are made again from the page alone, and what differs is told."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tifffile
from pictures import leave_pictures_out

from keramos.annotation.proofreading import correct_labels, save_corrected
from keramos.apps.cli.main import run
from keramos.core.progress import Reporter
from keramos.io import open_labels, open_volume
from keramos.networks import save_checkpoint
from keramos.project.comparison.segmentation import stack_labels
from keramos.segmenters import load_segmenter

Command = Callable[..., Any]


def quietly(*arguments: object) -> SimpleNamespace:
    """Run a command whose words nobody reads."""
    return SimpleNamespace(status=run([str(argument) for argument in arguments]), notes="")


@pytest.fixture(scope="module")
def made(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on a segmentation with an option of its own, measured without transport, of six slices."""
    folder = tmp_path_factory.mktemp("replay")
    images, labels = folder / "images.ome.zarr", folder / "labels.ome.zarr"
    shutil.copytree(phantom / "images.ome.zarr", images)
    asked = ("--model", "otsu", "--remove-specks", 20, "--box", "1:7,0:96,0:96")
    with pytest.MonkeyPatch.context() as patch:
        leave_pictures_out(patch)
        assert quietly("segment", images, *asked, "--out", labels).status == 0
        return reported(quietly, labels, "--connectivity", 26)


@pytest.fixture
def page(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That report, not to be written in; what is drawn in the test itself is left out of its pages."""
    leave_pictures_out(monkeypatch)
    return made


def reported(keramos: Command, labels: Path, *options: object) -> Path:
    """The report on labels, measured without transport, beside them."""
    measured, page = labels.with_name("quantities"), labels.with_name("page.html")
    quantify = keramos("quantify", labels, "--no-transport", *options, "--out", measured, "--fresh")
    assert quantify.status == 0, quantify.notes
    assert keramos("report", labels, "--quantities", measured, "--out", page, "--fresh").status == 0
    return page


def replayed(keramos: Command, page: Path, out: Path, *more: object) -> dict[str, Any]:
    done = keramos("replay", page, "--out", out, *more, "--json", out.with_suffix(".json"))
    assert done.status == 0, done.notes
    numbers: dict[str, Any] = json.loads(out.with_suffix(".json").read_text("utf-8"))
    return numbers


def test_the_numbers_come_out_again_and_changed_ones_are_told(page: Path, keramos: Command, tmp_path: Path) -> None:
    same = replayed(keramos, page, tmp_path / "again")
    assert same["compared"] > 40
    assert (same["differences"], same["other_inputs"]) == ([], [])
    text = page.read_text("utf-8")
    number = re.search(r'\["phase-fraction","solid","",([0-9.]+)\]', text)
    assert number is not None
    changed = tmp_path / "changed.html"
    changed.write_text(text.replace(number[0], number[0].replace(number[1], "0.5")), "utf-8")
    other = replayed(keramos, changed, tmp_path / "other")
    now = pytest.approx(float(number[1]))
    assert other["differences"] == [{"id": "phase-fraction", "phase": "solid", "axis": "", "then": 0.5, "now": now}]


def test_images_that_moved_are_said_and_other_images_are_noticed(
    page: Path, phantom: Path, keramos: Command, tmp_path: Path
) -> None:
    images, moved = page.with_name("images.ome.zarr"), tmp_path / "moved.ome.zarr"
    images.rename(moved)
    try:
        gone = keramos("replay", page, "--out", tmp_path / "gone")
        assert "images.ome.zarr" in gone.complaint
        assert replayed(keramos, page, tmp_path / "a", "--images", moved)["differences"] == []
    finally:
        moved.rename(images)
    other = replayed(keramos, page, tmp_path / "b", "--images", phantom / "truth-as-imaged.ome.zarr")
    assert other["other_inputs"] == ["images"]
    assert other["differences"]


def test_each_command_on_the_page_is_one_that_the_command_line_takes(
    page: Path, keramos: Command, tmp_path: Path
) -> None:
    shown = re.findall(r"<code>(.*?)</code>", page.read_text("utf-8"), re.DOTALL)
    lines = [re.sub(r"\s+", " ", re.sub("<[^>]*>", "", text)).strip() for text in shown]
    segment, quantify = ([*shlex.split(line)[1:]] for line in lines if re.match("keramos (segment|quantify)", line))
    assert ["--remove-specks", "20"] == segment[segment.index("--remove-specks") :][:2]
    assert "--no-transport" in quantify
    segment[-1], quantify[-1] = str(tmp_path / "s.ome.zarr"), str(tmp_path / "q")
    assert keramos(*segment).status == 0
    assert keramos(*quantify).status == 0
    folders = (page.with_name("quantities"), tmp_path / "q")
    was, now = (json.loads((folder / "quantities.json").read_text("utf-8")) for folder in folders)
    assert now["quantities"] == was["quantities"]


def test_a_page_without_steps_is_refused(keramos: Command, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>something</p>", "utf-8")
    refused = keramos("replay", tmp_path / "page.html", "--out", tmp_path / "out")
    assert "expected a report with the steps that made it" in refused.complaint


def test_given_instances_and_truth_are_used_again(
    phantom: Path, keramos: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_pictures_out(monkeypatch)
    ids, truth, labels = tmp_path / "ids.tif", phantom / "truth.ome.zarr", tmp_path / "labels.ome.zarr"
    halves = np.ones((8, 96, 96), np.uint8)
    halves[:, :, 48:] = 2
    tifffile.imwrite(ids, halves)
    asked = ("--model", "otsu", "--scores", "--out", labels)
    assert keramos("segment", phantom / "images.ome.zarr", *asked).status == 0
    how = ("--objects", "solid", "--instances", ids, "--positive", "solid", "--realizations", 2)
    page = reported(keramos, labels, *how, "--truth", truth, "--slices", 2, 4)
    same = replayed(keramos, page, tmp_path / "again")
    assert (same["differences"], same["other_inputs"]) == ([], [])
    objects = re.search(r'\["objects","solid","",([0-9.]+)\]', page.read_text("utf-8"))
    assert objects is not None
    assert float(objects[1]) == 2
    halves[:, :48] += 2
    tifffile.imwrite(ids, halves)
    other = replayed(keramos, page, tmp_path / "other")
    assert other["other_inputs"] == ["instances"]
    assert {"id": "objects", "phase": "solid", "axis": "", "then": 2.0, "now": 4.0} in other["differences"]
    ids.unlink()
    gone = keramos("replay", page, "--out", tmp_path / "gone")
    assert "instances" in gone.complaint
    assert str(ids) in gone.complaint
    assert not (tmp_path / "gone").exists()


def test_a_comparison_does_not_say_its_model(
    phantom: Path, keramos: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_pictures_out(monkeypatch)
    images = open_volume(phantom / "images.ome.zarr")
    data: Any = SimpleNamespace(stack=images)
    how: Any = SimpleNamespace(otsu_scope="slice", memory=2**30)
    assert stack_labels("otsu", load_segmenter("otsu", images), data, how, tmp_path, Reporter()) is not None
    page = reported(keramos, tmp_path / "stack" / "otsu.ome.zarr")
    assert "keramos replay" not in page.read_text("utf-8")
    refused = keramos("replay", page, "--out", tmp_path / "again")
    assert "--model" in refused.complaint
    assert replayed(keramos, page, tmp_path / "again", "--model", "otsu")["compared"] > 40


def test_labels_that_were_proofread_are_refused(page: Path, keramos: Command, tmp_path: Path) -> None:
    assert "<code>keramos replay</code>" in page.read_text("utf-8")
    save_corrected(tmp_path / "right.ome.zarr", correct_labels(open_labels(page.with_name("labels.ome.zarr")), []))
    page = reported(keramos, tmp_path / "right.ome.zarr")
    assert "keramos replay" not in page.read_text("utf-8")
    refused = keramos("replay", page, "--out", tmp_path / "again")
    assert "proofread" in refused.complaint
    assert "remove" not in refused.complaint
    assert not (tmp_path / "again").exists()


def test_flicker_is_removed_again(
    phantom: Path, keramos: Command, small_model: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_pictures_out(monkeypatch)
    model, labels = tmp_path / "model.keramos", tmp_path / "labels.ome.zarr"
    made = small_model("compact")
    save_checkpoint(model, made.card, made.weights)
    asked = ("--model", model, "--flicker", "remove", "--device", "cpu", "--out", labels)
    assert keramos("segment", phantom / "images.ome.zarr", *asked).status == 0
    assert open_labels(labels).provenance.steps[-1].verb == "remove flicker"
    page = reported(keramos, labels)
    assert "<code>keramos replay</code>" in page.read_text("utf-8")
    assert replayed(keramos, page, tmp_path / "again")["differences"] == []
