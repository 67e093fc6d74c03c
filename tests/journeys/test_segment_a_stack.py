"""The main job through the command line: a stack and one annotated slice in; labels, scores, a report out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from pictures import leave_pictures_out
from PIL import Image

from keramos.core import Box
from keramos.io import open_labels, open_scores, open_uncertainty, open_volume
from keramos.learning import TrainSettings
from keramos.networks import TrainingRecipe
from keramos.scoring import overlay

Command = Callable[..., Any]
SLICE = 4


@pytest.fixture(scope="module", autouse=True)
def pictures_left_out() -> None:
    """Here they are looked at."""


@pytest.fixture(scope="module")
def work(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with stack.tif (no voxel size), truth.tif (0 and 255) and slice4.tif as a user would have them."""
    folder = tmp_path_factory.mktemp("work")
    truth = (open_labels(phantom / "truth.ome.zarr").read() * 255).astype(np.uint8)
    tifffile.imwrite(folder / "stack.tif", open_volume(phantom / "images.ome.zarr").read())
    tifffile.imwrite(folder / "truth.tif", truth)
    tifffile.imwrite(folder / "slice4.tif", truth[SLICE])
    return folder


@pytest.mark.parametrize("model", ["otsu", "sauvola", "compact"])
def test_train_segment_evaluate_report_export(
    model: str, work: Path, keramos: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 320)
    monkeypatch.setattr(TrainSettings, "recipe", TrainingRecipe(crop=64))
    stack, truth, file, out = work / "stack.tif", work / "truth.tif", tmp_path / "m.keramos", tmp_path / "o.ome.zarr"
    voxel = ("--voxel-size", 20, 26.4, 20.8)
    train = ("train", "--images", stack, "--labels", work / "slice4.tif", "--slices", SLICE, *voxel, "--model", model)
    trained = keramos(*train, "--epochs", 1, "--out", file, "--json", tmp_path / "card.json")
    assert trained.status == 0
    assert "read as binary: 0-3 is void, 252-255 is solid" in trained.notes[0]
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert card["training"]["annotated_slices"] == [[SLICE]]
    assert card["voxel_size_nm"] == [20, 26.4, 20.8]
    assert not list(tmp_path.glob("*unfinished*"))

    kept = ("--scores", "--uncertainty") if model == "compact" else ("--scores",)
    segmented = keramos("segment", stack, *voxel, "--model", file, "--out", out, *kept, "--json", tmp_path / "s.json")
    assert segmented.status == 0
    codes = open_labels(out).read()
    fractions = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["phase_fractions"]
    assert fractions["solid"] == pytest.approx(np.mean(codes == 1))
    again = keramos("segment", stack, *voxel, "--model", file, "--out", out, *kept)
    assert again.notes == [
        f"note: {out} is finished already; nothing to do (a fresh run replaces it)",
        *[note for note in segmented.notes if note.startswith("warning: ")],
    ]

    if model == "compact":
        solid = open_scores(out).read(Box.whole(codes.shape))[1] / 255
        unsure = open_uncertainty(out).read()
        np.testing.assert_array_less(unsure[np.abs(solid - 0.5) > 0.45], 80)
        np.testing.assert_array_less(240, unsure[np.abs(solid - 0.5) < 0.05])

    scores = tmp_path / "scores.json"
    evaluated = keramos("evaluate", out, truth, "--leave-out", SLICE, "--overlay", tmp_path / "ov", "--json", scores)
    assert evaluated.status == 0
    found = json.loads(scores.read_text(encoding="utf-8"))
    true = tifffile.imread(truth) // 255
    kept = [z for z in range(len(true)) if z != SLICE]
    both, either = (np.sum(f(codes[kept] == 1, true[kept] == 1)) for f in (np.logical_and, np.logical_or))
    assert found["phases"]["solid"]["iou"] == pytest.approx(both / either)
    assert found["voxels"] == true[kept].size
    assert f"{both / either:.4f}" in evaluated.out
    # Twenty steps of training are no accuracy test; a network that learnt nothing calls everything solid.
    assert found["phases"]["void"]["recall"] > 0.1

    stored = open_scores(out).read(Box.whole(codes.shape))[:, kept]
    sure = np.take_along_axis(stored, codes[kept][None], axis=0)[0] / 255
    right = codes[kept] == true[kept]
    calibration = found["calibration"]
    assert calibration["mean_score"] == pytest.approx(sure.mean())
    assert calibration["share_right"] == pytest.approx(right.mean())
    assert sum(row["voxels"] for row in calibration["bins"]) == right.size
    assert abs(sure.mean() - right.mean()) - 1e-9 <= calibration["ece"] <= 1
    assert f"expected calibration error {calibration['ece']:.4f}" in evaluated.out
    assert np.array(Image.open(tmp_path / "ov" / "reliability.png")).std() > 0

    pictures = sorted((tmp_path / "ov").glob("slice_*.png"))
    assert [picture.name for picture in pictures] == [f"slice_{z:04d}.png" for z in kept]
    rgb = np.array(Image.open(pictures[0]))
    for colour, expected in [
        (overlay.TRUE_POSITIVE, (codes[0] == 1) & (true[0] == 1)),
        (overlay.FALSE_POSITIVE, (codes[0] == 1) & (true[0] == 0)),
        (overlay.FALSE_NEGATIVE, (codes[0] == 0) & (true[0] == 1)),
        (overlay.TRUE_NEGATIVE, (codes[0] == 0) & (true[0] == 0)),
    ]:
        np.testing.assert_array_equal((rgb == colour).all(axis=-1), expected)

    leave_pictures_out(monkeypatch)
    reported = keramos("report", out, "--truth", truth, "--out", tmp_path / "r.html", "--json", tmp_path / "r.json")
    assert reported.status == 0
    numbers = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))[model]
    # The slice that the model was trained on is not scored.
    assert numbers["evaluation"]["phases"]["solid"]["iou"] == pytest.approx(both / either)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<img") > 2
    assert "http://" not in page.replace("http://www.w3.org", "")

    assert keramos("export", out, "--to", "tiff", "--out", tmp_path / "o.tif").status == 0
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "o.tif"), codes)
    told = keramos("info", out)
    assert "8 x 96 x 96" in told.out
    assert "20.0 x 26.4 x 20.8" in told.out
    assert "segment: images=" in told.out
    assert model in keramos("info", file).out


def test_region_and_several_pairs(work: Path, keramos: Command, tmp_path: Path) -> None:
    stack, truth = work / "stack.tif", work / "truth.tif"
    box = ("--box", "2:6,0:80,10:90")
    done = keramos(
        "train",
        "--images",
        stack,
        stack,
        "--labels",
        truth,
        truth,
        *box,
        "--model",
        "sauvola",
        "--out",
        tmp_path / "m.keramos",
    )
    assert done.status == 0
    assert (
        keramos("segment", stack, *box, "--model", tmp_path / "m.keramos", "--out", tmp_path / "o.ome.zarr").status == 0
    )
    assert open_labels(tmp_path / "o.ome.zarr").shape == (4, 80, 80)
    assert keramos("evaluate", tmp_path / "o.ome.zarr", truth, *box, "--json", tmp_path / "e.json").status == 0
    assert json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))["voxels"] == 4 * 80 * 80


def test_spawned_workers(work: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "keramos",
        "segment",
        str(work / "stack.tif"),
        "--model",
        "sauvola",
        "--workers",
        "2",
    ]
    done = subprocess.run(
        [*command, "--memory", "2GiB", "--out", str(tmp_path / "o.ome.zarr")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "phase fractions" in done.stdout


def test_a_user_error_in_a_real_process_has_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "keramos", "info", str(tmp_path / "none.tif")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"keramos: expected a file or folder, found nothing at {tmp_path / 'none.tif'}; check the path"
    ]


def test_the_hard_places_of_a_phantom_are_scored_by_themselves(
    phantom: Path, work: Path, keramos: Command, tmp_path: Path
) -> None:
    out, scores = tmp_path / "o.ome.zarr", tmp_path / "e.json"
    assert keramos("segment", work / "stack.tif", "--model", "otsu", "--out", out).status == 0
    regions = phantom / "regions.ome.zarr"
    done = keramos("evaluate", out, work / "truth.tif", "--regions", regions, "--leave-out", SLICE, "--json", scores)
    assert done.status == 0
    rows = {row["name"]: row for row in json.loads(scores.read_text(encoding="utf-8"))["regions"]}
    assert list(rows) == ["streaks", "valleys", "small voids", "impurities", "ridges", "featureless solid", "islands"]
    codes, true = open_labels(out).read(), tifffile.imread(work / "truth.tif") // 255
    bits = open_volume(regions).read()
    kept = [z for z in range(len(true)) if z != SLICE]
    valley = (bits[kept] & 2) > 0
    assert rows["valleys"]["voxels"] == valley.sum() > 0
    assert rows["valleys"]["wrong"] == np.sum(valley & (codes[kept] != true[kept]))
    assert f"{100 * rows['valleys']['error']:.2f} %" in done.out
    assert "expected a map of regions" in keramos("evaluate", out, work / "truth.tif", "--regions", out).complaint
    told = keramos("info", regions)
    assert "featureless solid" in told.out
