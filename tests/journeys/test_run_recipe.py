"""A recipe runs from end to end; what has not changed is not done again; a killed one goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from doubles import Dies, Killed

from keramos.apps.cli.main import run
from keramos.core.errors import StorageError
from keramos.io import open_labels
from keramos.project.recipe import run as run_recipe

RECIPE = """
out = "made"
[phantom]
shape = [8, 96, 96]
seed = 3
hand_labels = [4]
[train]
model = "sauvola"
[segment]
[evaluate]
overlay = true
[export]
to = ["tiff"]
[report]
"""
QUICK = RECIPE.replace("[report]\n", "").replace("[8, 96, 96]", "[3, 64, 64]").replace("[4]", "[1]")
QUICK_STEPS = ["phantom", "train", "segment", "evaluate", "export tiff"]
STEPS = [*QUICK_STEPS, "report"]


def write(folder: Path, text: str = RECIPE) -> Path:
    file = folder / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def states(file: Path, *more: str) -> dict[str, str]:
    """Run it, and give where each step stood."""
    out = file.parent / "told.json"
    assert run(["run", str(file), "--json", str(out), *more]) == 0
    return {step["name"]: step["state"] for step in json.loads(out.read_text())["steps"]}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = write(tmp_path_factory.mktemp("recipe"))
    assert states(file) == dict.fromkeys(STEPS, "new")
    return file


def test_everything_is_made(finished: Path) -> None:
    made = finished.parent / "made"
    assert open_labels(made / "segmentation.ome.zarr").shape == (8, 96, 96)
    scores = json.loads((made / "scores.json").read_text())
    assert scores["voxels"] == 7 * 96 * 96  # without the slice that was learned from
    assert scores["phases"]["solid"]["iou"] > 0.7
    assert {"segmentation.tif", "report.html", "overlays"} <= {path.name for path in made.iterdir()}


def test_a_second_run_does_nothing_and_a_dry_run_says_so(finished: Path) -> None:
    model = finished.parent / "made" / "model.keramos"
    before = model.stat().st_mtime_ns
    assert states(finished, "--dry-run") == states(finished) == dict.fromkeys(STEPS, "up to date")
    assert model.stat().st_mtime_ns == before


def test_what_depends_on_a_change_is_done_again(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(finished.parent, RECIPE.replace("overlay = true", "overlay = false"))
    assert [name for name, state in states(finished).items() if state != "up to date"] == ["evaluate"]
    write(finished.parent, RECIPE.replace("overlay = true", "overlay = false").replace("seed = 3", "seed = 4"))
    capsys.readouterr()
    assert states(finished, "--dry-run") == dict.fromkeys(STEPS, "changed")
    assert "would be done: seed changed" in capsys.readouterr().out
    assert states(finished) == dict.fromkeys(STEPS, "changed")
    assert states(finished) == dict.fromkeys(STEPS, "up to date")


def test_fresh_does_all_again(tmp_path: Path) -> None:
    file = write(tmp_path, "[phantom]\nshape = [2, 64, 64]\n[segment]\nmodel = 'otsu'\n")
    first = states(file)
    segmented = tmp_path / "run" / "segmentation.ome.zarr" / "zarr.json"
    before = segmented.stat().st_mtime_ns
    assert states(file, "--fresh") == dict.fromkeys(first, "up to date")
    assert segmented.stat().st_mtime_ns != before


def test_an_own_stack_with_paths_beside_the_recipe(finished: Path, tmp_path: Path) -> None:
    made = finished.parent / "made"
    file = write(tmp_path, f"[stack]\nimages = '{made / 'phantom' / 'images.ome.zarr'}'\n[segment]\nmodel = 'otsu'\n")
    assert states(file) == {"segment": "new"}
    assert open_labels(tmp_path / "run" / "segmentation.ome.zarr").shape == (8, 96, 96)


def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", str(write(tmp_path, RECIPE.replace("[report]", "[reprot]")))]) == 2
    assert "did you mean report?" in capsys.readouterr().err


class DiesWithin(Dies):
    """A kill once a step is at work."""

    def __init__(self, step: str) -> None:
        super().__init__(0, "never")
        self.step = step

    def note(self, text: str) -> None:
        if self.task == "":
            raise Killed
        if text.startswith(f"{self.step}: "):
            self.task = ""  # any from now on


def has_ended(file: Path, step: str) -> bool:
    record = file.parent / "made" / "recipe-steps" / f"{step.replace(' ', '-')}.jsonl"
    return record.exists() and "finished" in record.read_text(encoding="utf-8")


def goes_on(file: Path, step: str) -> None:
    """What is recorded as ended, that step among it, is not done again; all else is."""
    ended = [name for name in QUICK_STEPS if has_ended(file, name)]
    assert step in ended
    assert "export tiff" not in ended
    after = states(file)
    assert [name for name in QUICK_STEPS if after[name] == "up to date"] == ended
    assert states(file) == dict.fromkeys(QUICK_STEPS, "up to date")


@pytest.mark.parametrize(("step", "following"), pairwise(QUICK_STEPS))
def test_killed_within_a_step_it_redoes_only_what_was_not_finished(tmp_path: Path, step: str, following: str) -> None:
    file = write(tmp_path, QUICK)
    with pytest.raises(Killed):
        run_recipe(file, reporter=DiesWithin(following))
    goes_on(file, step)


def test_a_process_killed_outright_redoes_only_what_was_not_finished(tmp_path: Path) -> None:
    file = write(tmp_path, QUICK)
    process = psutil.Popen([sys.executable, "-m", "keramos", "run", str(file)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(file, "phantom", process)
        process.suspend()  # or it may be done before it can be killed
        with pytest.raises(StorageError, match=f"another run is writing to {tmp_path / 'made'}"):
            run_recipe(file)
    finally:
        process.kill()
        process.wait()
    goes_on(file, "phantom")


def _wait_for(file: Path, step: str, process: psutil.Popen) -> None:
    """Until the step is recorded as ended."""
    for _ in range(6000):
        if has_ended(file, step):
            return
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    raise AssertionError(f"{step} was not finished within a minute")
