"""The paper's protocol through the command line: every number is what the files say, and a killed run goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Dies, Killed, Notes
from pictures import leave_narrow_charts_out
from skimage.filters import threshold_otsu

from keramos import compare
from keramos.core import LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import PixelError, SettingsError, VoxelSizeError
from keramos.core.progress import Reporter
from keramos.io import open_labels, open_volume
from keramos.learning import collect_annotated, draw_crop_set
from keramos.learning.crop_set import TEST_SETS
from keramos.project.comparison.settings import PRESETS, Protocol

Command = Callable[..., Any]
TRAIN, TEST = 1, 6
METHODS = ("otsu", "sauvola", "fcn8s", "unet")
NETWORKS = PRESETS["laptop"].networks
SETTINGS: dict[str, Any] = {
    "methods": METHODS,
    "crop": 64,
    "epochs": 3,
    "device": "cpu",
    "region": {"mine": ((4, 40), (8, 60))},
}


@pytest.fixture(scope="module", autouse=True)
def pictures_left_out() -> None:
    """Here they are drawn once."""


@pytest.fixture(scope="module", autouse=True)
def small_protocol() -> Iterator[None]:
    """Three sets of ten crops; 32 crops to learn from; narrow networks."""
    narrow = {name: {"width": 2, "head": 8} if "head" in more else {"width": 2} for name, more in NETWORKS.items()}
    small = replace(PRESETS["laptop"], sets=3, crops_per_set=10, train_crops=32, networks=narrow)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "laptop", small)
        yield


def run(phantom: Path, out: Path, settings: dict[str, Any] = SETTINGS, reporter: Reporter | None = None) -> Any:
    images, truth = phantom / "images.ome.zarr", phantom / "truth.ome.zarr"
    return compare(
        images,
        truth,
        images,
        truth,
        slices=[TRAIN],
        test_slices=[TEST],
        stack=images,
        out=out,
        **settings,
        reporter=reporter,
    )


@pytest.fixture(scope="module")
def compared(phantom: Path, tmp_path_factory: pytest.TempPathFactory, small_protocol: None) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        leave_narrow_charts_out(patch)
        return run(phantom, tmp_path_factory.mktemp("compared") / "out")


def iou(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.sum(found & true) / np.sum(found | true))


def test_table_1_is_the_mean_over_crops_and_over_sets(compared: Any, phantom: Path) -> None:
    images, truth = open_volume(phantom / "images.ome.zarr"), open_labels(phantom / "truth.ome.zarr")
    data, sets = collect_annotated([(images, truth)], only=[TEST]), []
    for number in range(3):
        crops = draw_crop_set(data, (0, TEST_SETS, number), count=10, edge=64)
        pairs = [crops.crop(k) for k in range(10)]
        sets.append(np.mean([iou(grey > threshold_otsu(grey), codes == 1) for grey, codes in pairs]))
    numbers = compared.numbers["otsu_scopes"]["crop"]
    assert numbers["over_crops"]["iou"]["mean"] == pytest.approx(np.mean(sets))
    assert numbers["over_crops"]["iou"]["deviation"] == pytest.approx(np.std(sets, ddof=1))
    assert compared.numbers["methods"]["otsu"]["over_crops"] == compared.numbers["otsu_scopes"]["slice"]["over_crops"]
    assert numbers["crops"] == 30


def test_whole_slice_and_stack_are_counted_from_the_files(compared: Any, phantom: Path) -> None:
    true = open_labels(phantom / "truth.ome.zarr").read() == 1
    for name in METHODS:
        numbers = compared.numbers["methods"][name]
        found = open_labels(compared.folder / "test" / f"{name}-0.ome.zarr").read()[0] == 1
        assert numbers["test_slices"]["phases"]["solid"]["iou"] == pytest.approx(iou(found, true[TEST]))
        assert numbers["fraction_error"] == pytest.approx(found.mean() - true[TEST].mean())
        stack = open_labels(compared.folder / "stack" / f"{name}.ome.zarr").read() == 1
        np.testing.assert_array_equal(stack[TEST], found)
        along = numbers["stack"]
        np.testing.assert_allclose(along["fractions"], stack.mean(axis=(1, 2)))
        np.testing.assert_allclose(along["likeness"], [iou(stack[z], stack[z + 1]) for z in range(7)])
        assert along["mean_change"] == pytest.approx(np.mean(np.abs(np.diff(stack.mean(axis=(1, 2))))))
    marks = compared.numbers["annotated"]
    assert marks["training"] == [[TRAIN, pytest.approx(true[TRAIN].mean())]]
    assert marks["test"] == [[TEST, pytest.approx(true[TEST].mean())]]


def test_everything_is_on_the_page_and_in_files(compared: Any) -> None:
    page = compared.report.read_text(encoding="utf-8")
    for words in (
        "Table 1",
        "Table 2",
        "Fig. 1",
        "Fig. 2",
        "Fig. 3",
        "Fig. 5",
        "Fig. 6",
        "Confusion matrices",
        "ROC",
        "Microstructure",
        "Measured of the stack by",
        "One slice against the volume",
    ):
        assert words in page
    for title in ("Otsu", "Sauvola", "FCN-8s", "U-Net"):
        assert title in page
    assert "<script src" not in page
    assert 'src="http' not in page
    figures = {path.name for path in (compared.folder / "figures").iterdir()}
    assert {
        "fig1-networks.png",
        "fig2-pair.png",
        "fig3-successes.png",
        "fig5-blocks.png",
        "fig6-fraction.png",
        "curves.png",
        "learning.png",
    } <= figures
    assert json.loads((compared.folder / "compare.json").read_text(encoding="utf-8")) == compared.numbers
    assert compared.numbers["regions"][0]["name"] == "mine"
    assert (compared.folder / "models" / "unet.curve.csv").is_file()
    card = compared.numbers["methods"]["unet"]
    assert 0 < card["roc_area"] <= 1
    assert np.sum(card["confusion_percent"]) == pytest.approx(100, abs=0.01)


def without_times(numbers: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps(numbers))
    for method in kept["methods"].values():
        method["seconds_train"] = method["seconds_stack"] = method["seconds_test"] = None
    return kept


def copy_without(compared: Any, out: Path, method: str) -> None:
    """The comparison as it was before a method was begun."""
    shutil.copytree(compared.folder, out)
    for path in [*out.glob(f"*/{method}*"), out / "report.html", out / "compare.json"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(out / "figures")


@pytest.mark.usefixtures("pictures_not_rendered")
def test_a_killed_run_goes_on_and_gives_the_same_numbers(compared: Any, phantom: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    copy_without(compared, tmp_path / "out", "unet")
    for task in ("train unet", "score the crops with U-Net", "segment with unet"):
        killed = Dies(0.5, task)
        with pytest.raises(Killed):
            run(phantom, tmp_path / "out", reporter=killed)
        heard += killed.notes
    assert not (tmp_path / "out" / "report.html").exists()
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "models").glob("*.keramos")}
    assert len(made) == 4
    again = run(phantom, tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert without_times(again.numbers) == without_times(compared.numbers)
    assert any(note.startswith("resuming the training") for note in heard)


@pytest.mark.usefixtures("pictures_not_rendered")
def test_methods_and_trainings_are_added_to_a_finished_comparison(compared: Any, phantom: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(compared.folder, out)
    made = {path: path.stat().st_mtime_ns for path in (out / "models").glob("*.keramos")}
    more = {**SETTINGS, "methods": ("otsu", "unet", "fcn32s"), "epochs": 3, "trainings": 2}
    second = run(phantom, out, more)
    assert {path: path.stat().st_mtime_ns for path in made} == made
    for name in ("otsu", "unet"):
        first = compared.numbers["methods"][name]["over_crops"]
        assert second.numbers["methods"][name]["over_crops"] == first
    assert len(second.numbers["methods"]["fcn32s"]["iou_of_trainings"]) == 2
    assert (out / "models" / "fcn32s-2.keramos").is_file()
    assert (out / "models" / "unet-2.keramos").is_file()


@pytest.mark.usefixtures("pictures_not_rendered")
def test_three_phases_need_no_sauvola_and_rank_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat(np.repeat(rng.integers(0, 3, (2, 12, 12)), 8, axis=1), 8, axis=2).astype(np.uint8)
    grey = np.clip(60 + 70 * codes + rng.normal(0, 8, codes.shape), 0, 255).astype(np.uint8)
    phases, size = PhaseTable.from_names(["void", "glass", "solid"]), VoxelSize(20, 20, 20)
    volumes = [Volume.from_array(grey[z : z + 1], size, f"image{z}") for z in range(2)]
    labels = [LabelVolume.from_array(codes[z : z + 1], phases, size, f"labels{z}") for z in range(2)]
    heard = Notes()
    settings = {"methods": ("otsu", "sauvola"), "crop": 64, "device": "cpu"}
    result = compare(volumes[0], labels[0], volumes[1], labels[1], out=tmp_path / "out", reporter=heard, **settings)
    assert list(result.numbers["methods"]) == ["otsu"]
    assert any("Sauvola tells 2 phases apart, not 3" in note for note in heard.notes)
    otsu = result.numbers["methods"]["otsu"]
    assert otsu["roc_area"] is None
    assert otsu["over_crops"]["iou"]["mean"] > 0.99
    assert "glass" in result.report.read_text(encoding="utf-8")


@pytest.mark.usefixtures("pictures_not_rendered")
def test_slices_of_unequal_size_partly_annotated_in_a_stack_without_files_in_common(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    codes = np.repeat(np.repeat(rng.integers(0, 2, (12, 12, 12)), 8, axis=1), 8, axis=2).astype(np.uint8)
    grey = np.clip(70 + 60 * codes + rng.normal(0, 25, codes.shape), 0, 255).astype(np.float32)
    phases, size = PhaseTable.from_names(["void", "solid"]), VoxelSize(20, 20, 20)
    shapes = {3: (96, 96), 9: (80, 72), 10: (96, 64)}
    images = [Volume.from_array(grey[z : z + 1, :y, :x], size, f"image{z}") for z, (y, x) in shapes.items()]
    truth = {z: codes[z, :y, :x].copy() for z, (y, x) in shapes.items()}
    truth[9][:, :30] = 255
    labels = [LabelVolume.from_array(truth[z][None], phases, size, f"labels{z}") for z in shapes]
    whole = Volume.from_array(grey, size, "stack")
    result = compare(
        images[0],
        labels[0],
        images[1:],
        labels[1:],
        out=tmp_path / "out",
        stack=whole,
        train_z=[3],
        test_z=[9, 10],
        methods=("otsu", "sauvola"),
        crop=64,
        device="cpu",
    )
    counted = np.zeros((2, 2), int)
    for number, z in enumerate((9, 10)):
        found = open_labels(tmp_path / "out" / "test" / f"otsu-{number}.ome.zarr").read()[0]
        known = truth[z] != 255
        assert found.shape == shapes[z]
        pixels = images[number + 1].read()[0]
        # The bins of a float image differ by their rounding.
        assert np.mean((found == 1) == (pixels > threshold_otsu(pixels, nbins=4096))) > 0.999
        np.add.at(counted, (truth[z][known], found[known]), 1)
    otsu = result.numbers["methods"]["otsu"]
    assert otsu["test_slices"]["confusion"] == counted.tolist()
    assert otsu["stack"]["mean_fraction"] == pytest.approx(
        open_labels(tmp_path / "out" / "stack" / "otsu.ome.zarr").read().mean()
    )
    assert [z for z, _ in result.numbers["annotated"]["test"]] == [9, 10]
    assert result.numbers["annotated"]["test"][0][1] == pytest.approx((truth[9][:, 30:] == 1).mean())
    assert "only 6 slice(s) from a training slice" in result.numbers["notes"][0]
    assert result.numbers["notes"][0] in result.report.read_text(encoding="utf-8")


@pytest.mark.usefixtures("pictures_not_rendered")
def test_a_stack_begun_with_other_memory_is_made_again(compared: Any, phantom: Path, tmp_path: Path) -> None:
    out, heard = tmp_path / "out", Notes()
    shutil.copytree(compared.folder, out)
    store = out / "stack" / "sauvola.ome.zarr" / "keramos-ledger.jsonl"
    text = store.read_text(encoding="utf-8")
    store.write_text(text.replace('(memory, workers)": [[', '(memory, workers)": [[9, '), encoding="utf-8")
    second = run(phantom, out, reporter=heard)
    assert without_times(second.numbers) == without_times(compared.numbers)
    assert len([note for note in heard.notes if "it is made again" in note]) == 1


def test_images_that_do_not_go_together_are_refused_before_any_training(phantom: Path, tmp_path: Path) -> None:
    images, truth = phantom / "images.ome.zarr", phantom / "truth.ome.zarr"
    grey = open_volume(images)
    for stack, error, words in (
        (Volume.from_array(grey.read().astype(np.uint16), grey.voxel_size), PixelError, "uint8 as in the training"),
        (Volume.from_array(grey.read()), VoxelSizeError, "expected the voxel size"),
    ):
        with pytest.raises(error, match=words):
            compare(
                images,
                truth,
                images,
                truth,
                slices=[TRAIN],
                test_slices=[TEST],
                stack=stack,
                out=tmp_path / "out",
                **SETTINGS,
            )
    assert not (tmp_path / "out").exists()
    with pytest.raises(SettingsError, match="one --train-z for each of the 1 annotated"):
        compare(
            images,
            truth,
            images,
            truth,
            slices=[TRAIN],
            test_slices=[TEST],
            stack=images,
            train_z=[1, 2],
            out=tmp_path / "out",
            **SETTINGS,
        )


def test_a_changed_preset_says_so() -> None:
    assert not Protocol().changed
    assert Protocol().describe_training() == "240 s each on crops of 128 pixels, narrower than the paper's"
    changed = Protocol(preset="paper", epochs=2, crop=64)
    assert (
        changed.describe_training()
        == "2 epochs each on crops of 64 pixels, as wide as the paper's, changed by the user"
    )
    assert Protocol(trainings=2).summarise().startswith("preset laptop: 8 training(s) of 240 s, about 32 min in all")


def test_what_does_not_fit_is_one_sentence(keramos: Command, compared: Any, phantom: Path, tmp_path: Path) -> None:
    images, truth = phantom / "images.ome.zarr", phantom / "truth.ome.zarr"
    pairs = ("--images", images, "--labels", truth, "--test-images", images, "--test-labels", truth)
    common = ("compare", *pairs, "--stack", images, "--epochs", 1, "--device", "cpu")

    def complaint(*more: object, out: Path = tmp_path / "new", crop: int = 64) -> str:
        told: str = keramos(*common, "--crop", crop, "--out", out, *more).complaint
        return told

    assert "found the same pixels" in complaint("--slices", 1, "--test-slices", 1)
    chosen = ("--slices", TRAIN, "--test-slices", 5)
    assert "test data differ" in complaint(*chosen, out=compared.folder)
    assert "methods among otsu" in complaint(*chosen, "--methods", "otsu,magic")
    assert "--region: expected NAME=y0:y1,x0:x1" in complaint(*chosen, "--region", "here")
    assert "at least 128 x 128 pixels to cut crops from" in complaint(*chosen, "--methods", "otsu", crop=128)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    assert "neither empty nor a comparison's folder" in complaint(*chosen, out=tmp_path / "taken")
    inside = ("--methods", "otsu", "--region", "far=0:500,0:20")
    assert "--region far inside the first test slice of 96 x 96" in complaint(*chosen, *inside)
