"""A segmentation says itself which slices its model was trained on, wherever it and the model are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

import keramos as package
from keramos.core import Finding, View
from keramos.io import create_image, describe, open_labels, open_volume

Command = Callable[..., Any]
SPECKS = "microstructure-off"
NOISE = "noisy-segmentation"
VOXELS, TRAINED = 8 * 96 * 96, 4
PIXELS = VOXELS - 96 * 96
"""Without the slice that the model was trained on."""


@pytest.fixture(scope="module")
def work(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images.ome.zarr, truth.ome.zarr, and s.ome.zarr by the model m.keramos, all named by relative
    paths."""
    folder = tmp_path_factory.mktemp("work")
    for name in ("images", "truth"):
        shutil.copytree(phantom / f"{name}.ome.zarr", folder / f"{name}.ome.zarr")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        package.train("images.ome.zarr", "truth.ome.zarr", slices=[TRAINED], model="otsu", out=Path("m.keramos"))
        package.segment("images.ome.zarr", model="m.keramos", out=Path("s.ome.zarr"))
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder to work in, where the path of the model leads nowhere."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def of_version_01(work: Path, tmp_path: Path) -> Path:
    """The segmentation without the facts that version 0.1 did not write."""
    path = tmp_path / "old" / "s.ome.zarr"
    shutil.copytree(work / "s.ome.zarr", path)
    for place in (path, path / "labels" / "segmentation"):
        group = zarr.open_group(place, mode="r+")
        ours = dict(group.attrs["keramos"])
        del ours["segmentation"]
        group.attrs["keramos"] = ours
    return path


def report(keramos: Command, segmentation: Path, work: Path) -> tuple[dict[str, Any], str]:
    """The JSON of a report, and its page."""
    files = ("--images", work / "images.ome.zarr", "--truth", work / "truth.ome.zarr")
    told = keramos("report", segmentation, *files, "--no-quantify", "--out", "r.html", "--json", "r.json")
    assert told.status == 0
    return json.loads(Path("r.json").read_text(encoding="utf-8")), Path("r.html").read_text(encoding="utf-8")


def others(findings: Iterable[Finding]) -> list[Finding]:
    """All but those of noise and specks, which every threshold of the phantom has."""
    return [finding for finding in findings if finding.kind not in (NOISE, SPECKS)]


def kinds(numbers: dict[str, Any]) -> dict[str, list[int]]:
    return {row["kind"]: row["slices"] for row in numbers["findings"] if row["kind"] not in (NOISE, SPECKS)}


def test_a_report_from_elsewhere_leaves_out_what_was_trained_on(keramos: Command, work: Path, elsewhere: Path) -> None:
    numbers, page = report(keramos, work / "s.ome.zarr", work)
    assert numbers["otsu"]["evaluation"]["voxels"] == PIXELS
    assert kinds(numbers) == {"trained-slices-left-out": [TRAINED]}
    assert f"slice {TRAINED} is not scored" in page


def test_evaluate_says_what_was_trained_on(keramos: Command, work: Path, elsewhere: Path) -> None:
    evaluate = ("evaluate", work / "s.ome.zarr", work / "truth.ome.zarr", "--json", "e.json")
    told = keramos(*evaluate)
    numbers = json.loads((elsewhere / "e.json").read_text(encoding="utf-8"))
    assert numbers["voxels"] == VOXELS
    assert kinds(numbers) == {"trained-slices-scored": [TRAINED]}
    assert any(f"leave slice {TRAINED} out (--leave-out {TRAINED})" in note for note in told.notes)
    assert keramos(*evaluate, "--leave-out", TRAINED).notes == []


def test_slices_are_counted_from_the_first_of_a_region(work: Path, elsewhere: Path) -> None:
    images, truth = work / "images.ome.zarr", work / "truth.ome.zarr"
    part = package.segment(images, model=work / "m.keramos", out=elsewhere / "part.ome.zarr", box="2:6,0:96,0:96")
    evaluation = package.evaluate(part, truth, box="2:6,0:96,0:96")
    (finding,) = others(evaluation.findings)
    assert (finding.kind, finding.slices) == ("trained-slices-scored", (TRAINED,))
    other = package.segment(images, model=work / "m.keramos", out=elsewhere / "other.ome.zarr", box="5:8,0:96,0:96")
    assert others(package.evaluate(other, truth, box="5:8,0:96,0:96").findings) == []


def test_a_segmentation_of_version_01_falls_back_to_the_path_or_says_that_nobody_knows(
    keramos: Command, work: Path, of_version_01: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_labels(of_version_01).facts == {}
    monkeypatch.chdir(of_version_01.parent)
    numbers, page = report(keramos, of_version_01, work)
    assert numbers["otsu"]["evaluation"]["voxels"] == VOXELS
    assert kinds(numbers) == {"trained-slices-unknown": []}
    assert "does not say which slices its model m.keramos was trained on" in page
    evaluated = keramos("evaluate", of_version_01, work / "truth.ome.zarr")
    assert any("does not say which slices its model m.keramos was trained on" in note for note in evaluated.notes)
    monkeypatch.chdir(work)
    assert kinds(report(keramos, of_version_01, work)[0]) == {"trained-slices-left-out": [TRAINED]}
    evaluated = keramos("evaluate", of_version_01, work / "truth.ome.zarr")
    assert any(f"leave slice {TRAINED} out" in note for note in evaluated.notes)


def test_a_threshold_by_name_was_trained_on_nothing(work: Path, elsewhere: Path) -> None:
    made = package.segment(work / "images.ome.zarr", model="otsu", out=elsewhere / "o.ome.zarr")
    assert others(package.evaluate(made, work / "truth.ome.zarr").findings) == []


def test_a_segmentation_has_the_frame_of_its_images_and_the_card_of_its_model(work: Path, elsewhere: Path) -> None:
    view, images = (
        View(tilt_deg=52.0, cutting_order="decreasing", frame="sheared"),
        open_volume(work / "images.ome.zarr"),
    )
    writer = create_image(elsewhere / "i.ome.zarr", images.shape, np.uint8, voxel_size=images.voxel_size, view=view)
    writer.write(images.box, images.read())
    writer.finish()
    made = package.segment(elsewhere / "i.ome.zarr", model=work / "m.keramos", out=elsewhere / "o.ome.zarr")
    facts = describe(elsewhere / "o.ome.zarr")
    assert View(**facts["view"]) == view
    assert facts["segmentation"]["model"]["card"]["training"]["annotated_slices"] == [[TRAINED]]
    made_of_others = package.evaluate(made, work / "truth.ome.zarr")
    assert others(made_of_others.findings) == [], "other images than it was trained on"
    assert describe(elsewhere / "o.ome.zarr" / "labels" / "segmentation")["segmentation"] == facts["segmentation"]
