"""The demo, small: everything it promises is there, and every number is what the files say."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from markupsafe import escape
from pictures import leave_pictures_out

import keramos
from keramos import DemoResult
from keramos.apps.cli.show.demo import show_demo
from keramos.core.progress import Reporter
from keramos.io import open_labels
from keramos.learning import TrainSettings
from keramos.networks import TrainingRecipe
from keramos.project import demo as of_demo
from keramos.project.quantities import read_quantities
from keramos.settings.others import DemoSettings

SMALL = {"shape": (8, 96, 96), "budget": 0.5, "domain": 24}
BEFORE = {"shape": (4, 64, 64), "budget": 0.1, "domain": 16, "seed": 1}


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Networks learn from few and small crops, and pictures are left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainSettings, "recipe", TrainingRecipe(crop=64, batch=4))
        leave_pictures_out(patch)
        yield


class Listener(Reporter):
    """Keeps what the demo tells and shows."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.pictures: list[np.ndarray] = []

    def note(self, text: str) -> None:
        self.texts.append(text)

    def picture(self, title: str, rgb: np.ndarray) -> None:
        assert title
        self.pictures.append(rgb)


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="module")
def before(quick: None, tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """Another demo, in the folder in which the one that all tests look at is made afterwards: of its methods a
    threshold and a training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_demo, "_METHODS", of_demo._METHODS[::3])
        return keramos.demo(tmp_path_factory.mktemp("demo") / "out", **BEFORE)


@pytest.fixture(scope="module")
def demo(before: DemoResult, listener: Listener) -> DemoResult:
    return keramos.demo(before.folder, **SMALL, reporter=listener)


def test_scores_are_those_of_the_written_labels_on_the_other_slices(demo: DemoResult) -> None:
    record = json.loads((demo.folder / "run.json").read_text(encoding="utf-8"))
    assert [method["name"] for method in record["methods"]] == [
        "Otsu",
        "Sauvola",
        "Network, no annotation",
        "Network, one slice",
    ]
    true = open_labels(demo.folder / "truth-as-imaged.ome.zarr").read()
    others = [z for z in range(8) if z != 4]
    assert record["annotated_slices"] == [4]
    for method in record["methods"]:
        found = open_labels(demo.folder / method["labels"]).read()
        both = np.sum((found[others] == 1) & (true[others] == 1))
        either = np.sum((found[others] == 1) | (true[others] == 1))
        assert method["evaluation"]["phases"]["solid"]["iou"] == pytest.approx(both / either)
        fractions = {row["z"]: row for row in method["evaluation"]["per_slice"]}
        assert fractions[0]["truth"] == pytest.approx(np.mean(true[0] == 1))
        assert fractions[0]["predicted"] == pytest.approx(np.mean(found[0] == 1))
        assert fractions[4]["truth"] is None
        assert (method["seconds_train"] or 0) > 0 or method["name"] == "Network, no annotation"


def test_only_one_slice_was_annotated(demo: DemoResult) -> None:
    codes = open_labels(demo.folder / "annotation.ome.zarr").read()
    np.testing.assert_array_equal(codes[4], open_labels(demo.folder / "truth-as-imaged.ome.zarr").read()[4])
    assert (np.delete(codes, 4, axis=0) == 255).all()


def test_the_report_shows_every_method_and_needs_no_network(demo: DemoResult) -> None:
    page = demo.report.read_text(encoding="utf-8")
    for name, evaluation in demo.evaluations.items():
        assert name in page
        assert f"{evaluation.positive_scores.iou:.3f}" in page
    for section in ("Hard regions", "Microstructure", "Against the truth", "One slice against the volume"):
        assert section in page
    assert "<script src" not in page
    assert 'src="http' not in page


def test_again_in_the_same_folder_replaces_it(demo: DemoResult, before: DemoResult) -> None:
    assert demo.folder == before.folder
    parameters = json.loads((demo.folder / "phantom.json").read_text(encoding="utf-8"))
    assert (parameters["seed"], parameters["shape"]) == (0, list(SMALL["shape"]))
    assert demo.record.methods[0].evaluation != before.record.methods[0].evaluation
    record = json.loads((demo.folder / "run.json").read_text(encoding="utf-8"))
    assert record["methods"][0]["evaluation"]["voxels"] == 7 * 96 * 96


def test_network_and_truth_are_quantified(demo: DemoResult) -> None:
    truth = read_quantities(demo.folder / "quantities-of-the-truth")
    found = read_quantities(demo.folder / "quantities")
    codes = open_labels(demo.folder / "truth-as-imaged.ome.zarr").read()
    assert truth.find("phase-fraction", "solid").value == pytest.approx(np.mean(codes == 1))
    assert found.find("tortuosity-factor", "solid", "x").value > 1
    assert "box 0:8," in found.find("mean-local-thickness", "solid").domain
    assert "tortuosity factor" in demo.report.read_text(encoding="utf-8")


def test_what_check_says_is_on_the_page(demo: DemoResult) -> None:
    checked = keramos.check(demo.folder / "images.ome.zarr", labels=demo.folder / "annotation.ome.zarr").findings
    record = json.loads((demo.folder / "run.json").read_text(encoding="utf-8"))
    assert record["findings"] == [finding.to_json() for finding in checked]
    page = demo.report.read_text(encoding="utf-8")
    assert all(str(escape(finding.text)) in page for finding in checked)
    assert "speckled" in page  # as the threshold's labels of this phantom are


def test_it_ends_with_result_page_studio_and_own_data(demo: DemoResult, capsys: pytest.CaptureFixture[str]) -> None:
    assert "next" not in show_demo(DemoSettings(out=demo.folder), demo)
    lines = capsys.readouterr().out.splitlines()[-4:]
    result, page, studio, own = (line.split(maxsplit=2 if line.startswith("own") else 1)[-1] for line in lines)
    assert [line.split("  ")[0] for line in lines] == ["result", "page", "studio", "own data"]
    assert result.startswith(
        f"Network, one slice: IoU {demo.evaluations['Network, one slice'].positive_scores.iou:.3f}"
    )
    assert Path(page) == demo.report
    following = shlex.split(studio)
    assert following[:2] == ["keramos", "studio"]
    assert keramos.open_volume(following[2]).shape == SMALL["shape"]
    assert own.startswith("keramos start STACK")


def test_each_method_is_told_and_shown_when_it_is_done(demo: DemoResult, listener: Listener) -> None:
    texts = [text for text in listener.texts if "on the slices that nobody annotated" in text]
    assert [text.split(":")[0] for text in texts] == list(demo.evaluations)
    assert all(
        f"IoU {one.positive_scores.iou:.3f}" in text for one, text in zip(demo.evaluations.values(), texts, strict=True)
    )
    assert [picture.shape for picture in listener.pictures] == [(96, 96, 3)] * 5
    grey, *overlays = listener.pictures
    assert (grey[..., 0] == grey[..., 2]).all()
    assert all((overlay[..., 0] != overlay[..., 2]).any() for overlay in overlays)
