"""What is probably wrong is said on the command line, once, and kept in the JSON; where nothing is, nothing is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos import compare, quantify, report, run, segment, train
from keramos.core import Finding
from keramos.core.errors import FindingError, ShapeError
from keramos.io import open_labels, open_volume
from keramos.learning import TrainSettings
from keramos.networks import TrainingRecipe, load_checkpoint

Command = Callable[..., Any]
VOXEL = ("--voxel-size", 20, 26.4, 20.8)
PHASES = ("--phases", "void=0,solid=1")
ON_PAGE = "all of it is on the page"
NOISE = "noisy-segmentation"


@pytest.fixture
def files(phantom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with stack.tif, dark.tif, truth.tif, and truth that was moved two pixels down."""
    monkeypatch.chdir(tmp_path)
    grey, truth = open_volume(phantom / "images.ome.zarr").read(), open_labels(phantom / "truth.ome.zarr").read()
    tifffile.imwrite("stack.tif", grey)
    tifffile.imwrite("dark.tif", grey // 8)
    tifffile.imwrite("truth.tif", truth)
    tifffile.imwrite("moved.tif", np.roll(truth, 2, axis=1))
    return tmp_path


def findings(path: Path) -> list[Finding]:
    """The findings but that of noise, which every threshold of the phantom has, and those of the training."""
    made = [Finding.from_json(row) for row in json.loads(path.read_text(encoding="utf-8"))["findings"]]
    return [one for one in made if one.kind != NOISE and not one.message.startswith("in the training, ")]


def only(told: Any, path: Path, kind: str) -> str:
    """The text of the one finding, said once: in full, or beside a page that has all of it by what was seen."""
    assert told.status == 0
    (finding,) = findings(path)
    assert (finding.kind, finding.severity) == (kind, "warning")
    assert said(told, finding) == 1
    return finding.text


def said(told: Any, finding: Finding) -> int:
    """How often a finding was said."""
    return told.notes.count(f"warning: {finding.text}") + told.notes.count(f"warning: {finding.message} ({ON_PAGE})")


def test_a_good_case_has_none(files: Path, keramos: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    # Many small steps learn fastest on so little.
    monkeypatch.setattr(TrainSettings, "recipe", TrainingRecipe(crop=64, batch=4, learning_rate=4e-3))
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 560)
    train = ("train", "--images", "stack.tif", "--labels", "truth.tif", *PHASES, "--slices", 2, 5, *VOXEL)
    trained = keramos(*train, "--epochs", 1, "--out", "m.keramos", "--json", "t.json")
    assert (trained.status, trained.notes, findings(files / "t.json")) == (0, [], [])
    segment = ("segment", "stack.tif", *VOXEL, "--model", "m.keramos", "--out", "o.ome.zarr", "--json", "s.json")
    segmented = keramos(*segment)
    assert (segmented.status, segmented.notes, findings(files / "s.json")) == (0, [], [])
    evaluate = ("evaluate", "o.ome.zarr", "truth.tif", *PHASES, "--leave-out", 2, 5, "--json", "e.json")
    evaluated = keramos(*evaluate)
    assert (evaluated.status, evaluated.notes, findings(files / "e.json")) == (0, [], [])
    # The same model on a stack that is eight times darker.
    dark = ("segment", "dark.tif", *VOXEL, "--model", "m.keramos", "--out", "d.ome.zarr", "--json", "d.json")
    assert "outside those that the model was trained on" in only(keramos(*dark), files / "d.json", "other-grey-values")


def test_a_segmentation_keeps_its_findings_for_reports_and_info(files: Path, keramos: Command) -> None:
    labels = np.ones((8, 96, 96), np.uint8)
    labels[2, :40] = 0  # as much void as a phase must have to be expected
    tifffile.imwrite("mostly.tif", labels)
    named = {"slices": "0-7", "phases": PHASES[1], "voxel_size": VOXEL[1:]}
    train("stack.tif", "mostly.tif", **named, model="otsu", out="m.keramos")
    made = segment("stack.tif", voxel_size=VOXEL[1:], model="m.keramos", out="s.ome.zarr")
    assert [finding.kind for finding in made.findings] == ["other-amount", NOISE]
    told = keramos("info", "s.ome.zarr", "--json", "i.json")
    assert "far less solid" in only(told, files / "i.json", "other-amount")
    told = keramos("report", "s.ome.zarr", "--no-quantify", "--out", "r.html", "--json", "r.json")
    text = only(told, files / "r.json", "other-amount")
    assert text == made.findings[0].text
    assert text in Path("r.html").read_text(encoding="utf-8")
    two = ("report", "s.ome.zarr", "truth.tif", *PHASES, *VOXEL)
    told = keramos(*two, "--out", "two.html", "--json", "two.json")
    assert (told.status, said(told, made.findings[0])) == (0, 1)
    assert [one.text for one in findings(files / "two.json") if one.kind == "other-amount"] == [text]
    again = report("s.ome.zarr", quantify=False, out="again.html").findings
    assert [one for one in again if not one.message.startswith("in the training, ")] == list(made.findings)


def test_a_report_says_what_evaluate_would(files: Path, keramos: Command) -> None:
    inverted = np.where(tifffile.imread("truth.tif") == 1, 0, 1).astype(np.uint8)
    tifffile.imwrite("inverted.tif", inverted)
    keramos("segment", "stack.tif", *VOXEL, "--model", "otsu", "--out", "s.ome.zarr")
    truth = ("--truth", "inverted.tif", *PHASES)
    told = keramos("report", "s.ome.zarr", *truth, "--no-quantify", "--out", "r.html", "--json", "r.json")
    text = only(told, files / "r.json", "other-amount")
    assert text in Path("r.html").read_text(encoding="utf-8")
    assert json.loads(Path("r.json").read_text())["otsu"]["evaluation"]["findings"][0]["kind"] == "other-amount"
    evaluated = keramos("evaluate", "s.ome.zarr", "inverted.tif", *PHASES, "--json", "e.json")
    assert only(evaluated, files / "e.json", "other-amount") == text


def test_labels_that_were_moved(files: Path, keramos: Command) -> None:
    train = ("train", "--images", "stack.tif", "--labels", "moved.tif", *PHASES, "--model", "otsu")
    told = keramos(*train, "--out", "m.keramos", "--json", "t.json")
    assert "moved 2 pixels up they fit better" in only(told, files / "t.json", "misplaced-labels")


def test_command_line_python_and_recipe_say_the_same(files: Path, keramos: Command) -> None:
    made = train("stack.tif", "moved.tif", phases="void=0,solid=1", model="otsu", out="python.keramos")
    stack, labels = "[stack]\nimages = 'stack.tif'\n", "labels = 'moved.tif'\nphases = 'void=0,solid=1'\n"
    Path("r.toml").write_text(f"{stack}[train]\n{labels}model = 'otsu'\n[segment]\n", encoding="utf-8")
    by_recipe, recalled, told = run("r.toml")[0], run("r.toml")[0], keramos("run", "r.toml", "--json", "r.json")
    assert (by_recipe.state, recalled.state) == ("new", "up to date")
    assert list(made.findings) == list(by_recipe.findings) == list(recalled.findings) == findings(files / "r.json")
    assert "moved 2 pixels up they fit better" in only(told, files / "r.json", "misplaced-labels")
    assert json.loads(Path("r.json").read_text())["steps"][0]["findings"] == [made.findings[0].to_json()]
    card = load_checkpoint(Path("python.keramos")).card
    assert card == made.card
    assert [Finding.from_json(row) for row in card.training.findings] == list(made.findings)
    reported = report("run/segmentation.ome.zarr", quantify=False, out="r.html").findings
    assert any("in the training, the labels are probably shifted" in finding.message for finding in reported)


def test_a_training_that_was_too_short(files: Path, keramos: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 8)
    train = ("train", "--images", "stack.tif", "--labels", "truth.tif", *PHASES, "--slices", 2, "--crop", 32)
    told = keramos(*train, "--epochs", 1, "--out", "m.keramos", "--json", "t.json")
    assert "train longer" in only(told, files / "t.json", "not-learnt")


def test_a_threshold_that_finds_too_little(files: Path, keramos: Command) -> None:
    inverted = np.where(tifffile.imread("truth.tif") == 1, 0, 1).astype(np.uint8)
    tifffile.imwrite("inverted.tif", inverted)
    told = keramos("evaluate", "inverted.tif", "truth.tif", *PHASES, "--json", "e.json")
    assert "far too little solid was predicted" in only(told, files / "e.json", "other-amount")


def test_compare_says_what_is_wrong_with_its_labels(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.project.verbs.compare.run_comparison", lambda data, *_, **__: data)
    phases = {"phases": "void=1,solid=0", "slices": [2], "test_slices": [5]}
    data = compare("stack.tif", "truth.tif", "stack.tif", "truth.tif", out="c", **phases)
    assert {finding.kind for finding in data.findings} == {"inverted-labels"}


def test_compare_says_which_data_are_meant_and_by_which_options(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.project.verbs.compare.run_comparison", lambda data, *_, **__: data)
    truth = tifffile.imread("truth.tif")
    for z in (2, 5):
        tifffile.imwrite(f"slice{z}.tif", truth[z])
    right = {"phases": "void=0,solid=1", "out": "c", "slices": [2]}
    data = compare("stack.tif", "slice2.tif", "stack.tif", "slice5.tif", test_slices=[1], **right)
    (finding,) = data.findings
    assert finding.kind == "other-slice"
    assert finding.message.startswith("of the test data: ")
    assert "--test-slices 5" in finding.advice
    assert " --slices" not in finding.text
    tifffile.imwrite("blank.tif", np.where(np.arange(len(truth))[:, None, None] == 4, 0, tifffile.imread("stack.tif")))
    data = compare("stack.tif", "slice2.tif", "blank.tif", "slice5.tif", test_slices=[5], stack="blank.tif", **right)
    said = [one for one in data.findings if one.kind == "blank-slice"]
    assert [(one.slices, one.message[:12]) for one in said] == [((4,), "of the stack")]
    with pytest.raises(ShapeError, match="say which it is with --test-slices"):
        compare("stack.tif", "slice2.tif", "stack.tif", "slice5.tif", **right)
    tifffile.imwrite("small.tif", truth[:, :-9, :-5])
    with pytest.raises(FindingError, match=r"of the test data: .*say which with --test-box"):
        compare("stack.tif", "slice2.tif", "stack.tif", "small.tif", test_slices=[1], **right)


def test_noise_is_said_in_full_once_and_by_quantify_and_report_in_a_line(files: Path, keramos: Command) -> None:
    segmented = keramos("segment", "stack.tif", *VOXEL, "--model", "otsu", "--out", "s.ome.zarr")
    (said,) = [note for note in segmented.notes if "the segmentation is speckled" in note]
    measured = keramos("quantify", "s.ome.zarr", "--no-transport", "--out", "q", "--json", "q.json")
    seen = said.partition(": specks hold")[0]
    assert f"{seen} (reported by segment; keramos info shows all of it)" in measured.notes
    assert said in keramos("info", "s.ome.zarr").notes
    reported = keramos("report", "s.ome.zarr", "--quantities", "q", "--out", "r.html")
    assert reported.notes.count(f"{seen} ({ON_PAGE})") == 1
    tifffile.imwrite("labels.tif", open_labels("s.ome.zarr").read())
    assert said in keramos("quantify", "labels.tif", *PHASES, *VOXEL, "--no-transport").notes
    cleaned = ("--remove-specks", 27, "--fill-holes", 27, "--out", "c.ome.zarr")
    assert "speckled" not in str(keramos("segment", "stack.tif", *VOXEL, "--model", "otsu", *cleaned).notes)
    kinds = [row["kind"] for row in json.loads(Path("q.json").read_text(encoding="utf-8"))["findings"]]
    assert kinds.count(NOISE) == 1


def test_a_blank_slice_is_said_once_by_each_command(files: Path) -> None:
    grey = tifffile.imread("stack.tif")
    grey[4] = 0
    tifffile.imwrite(files / "blank.tif", grey)
    made = segment("blank.tif", voxel_size=VOXEL[1:], box="1:8,:,:", model="otsu", otsu_scope="stack", out="b.ome.zarr")
    measured = quantify("b.ome.zarr", transport=False)
    reported = report("b.ome.zarr", quantify=False, out="b.html")
    for each in (made, measured, reported):
        assert [one.slices for one in each.findings if one.kind == "blank-slice"] == [(4,)]
        assert len(each.findings) == len({(one.kind, one.slices) for one in each.findings})
    part = quantify("b.ome.zarr", box="4:7,:,:", transport=False)
    assert "blank-slice" not in {one.kind for one in part.findings}


def test_what_a_training_said_of_a_stack_is_a_line_when_that_stack_is_segmented(files: Path, keramos: Command) -> None:
    grey = tifffile.imread("stack.tif")
    grey[5] = grey[4]
    tifffile.imwrite("twice.tif", grey)
    tifffile.imwrite("other.tif", np.flip(grey, axis=2))
    train = ("train", "--images", "twice.tif", "--labels", "truth.tif", *PHASES, "--slices", 2, "--model", "otsu")
    full = [note for note in keramos(*train, "--out", "m.keramos").notes if "repeats an earlier" in note]
    assert len(full) == 1
    segmented = keramos("segment", "twice.tif", "--model", "m.keramos", "--out", "s.ome.zarr", "--json", "s.json")
    assert segmented.status == 0, segmented.lines
    told = [note for note in segmented.notes if "repeats an earlier" in note]
    assert len(told) == 1
    assert told[0].endswith("(told in the training; keramos check tells all of it)")
    assert len(told[0]) < len(full[0])
    assert full[0].removeprefix("warning: ") in [one.text for one in findings(files / "s.json")]
    other = keramos("segment", "other.tif", "--model", "m.keramos", "--out", "o.ome.zarr")
    assert full[0] in other.notes, "another stack has the same doubt, which its user has not read"
