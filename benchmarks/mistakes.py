"""The README's main line with each usual mistake in turn: the result is right, or a sentence says what to do.

python benchmarks/mistakes.py --work DIR [mistake ...]

A phantom of 24 x 128 x 128 voxels is written as files that a microscope and an annotator would leave; one mistake is
made; then `check`, `train`, `segment`, `quantify` and `evaluate` are run as the README shows them. Counted as

- refused: a command ended with status 2 and one sentence;
- named: a warning of one of the kinds that fit the mistake;
- noted: a note of such a kind;
- right: nothing was said, and the IoU is at most 0.01 below that without a mistake;
- silent: anything else.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shutil
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from measured import on_one_core, write_results
from numpy.typing import NDArray
from scipy.ndimage import shift

import keramos
from keramos.apps.cli.main import run

SHAPE, SLICE, EPOCHS = (24, 128, 128), 12, 1
KEYS = ("kind", "severity", "slices", "message")
SIZE = (20.0, 10.0, 10.0)


@dataclass
class Files:
    """Files to work with: the stack and its truth (Z Y X), the label of one slice, and how they are said to be."""

    images: NDArray[Any]
    truth: NDArray[np.uint8]
    label: NDArray[Any]
    size: tuple[str, ...] = tuple(f"{edge:g}" for edge in SIZE)
    names: Sequence[int] | None = None
    reading: list[str] = field(default_factory=list)
    slice: int = SLICE


@dataclass(frozen=True)
class Mistake:
    """A mistake, and the kinds of finding that name it."""

    make: Callable[[Files], None]
    kinds: tuple[str, ...] = ()


def _set(name: str, change: Callable[[Any], Any]) -> Callable[[Files], None]:
    return lambda files: setattr(files, name, change(getattr(files, name)))


def _bar(slices: NDArray[Any], rows: int = 24) -> NDArray[Any]:
    """The slices with an information bar below: black, with white letters and a scale bar."""
    bar = np.zeros((*slices.shape[:-2], rows, slices.shape[-1]), slices.dtype)
    letters = np.kron(np.random.default_rng(5).integers(0, 2, (4, 40)), np.ones((2, 2)))
    bar[..., 6:14, 8:88] = (255 * letters).astype(slices.dtype)
    bar[..., 10:13, 96:120] = 255
    return np.concatenate([slices, bar], axis=-2)


def _slice(z: int, change: Callable[[Any], Any]) -> Callable[[Files], None]:
    def make(files: Files) -> None:
        files.images[z] = change(files.images)

    return make


def _add_bar_to_all(files: Files) -> None:
    files.images = _bar(files.images)


def _drift(files: Files) -> None:
    steps = np.random.default_rng(2).normal(0, 1.5, (len(files.images), 2))
    for z, step in enumerate(steps):
        files.images[z] = np.clip(shift(files.images[z].astype(float), step, order=1, mode="nearest"), 0, 255)


def _shade(files: Files) -> None:
    factor = np.linspace(0.5, 1.3, files.images.shape[2])
    files.images = np.clip(files.images * factor, 0, 255).astype(np.uint8)


def _other_slice(files: Files) -> None:
    files.label = np.where(files.truth[20] == 1, 255, 0).astype(np.uint8)


def _leave_out(files: Files) -> None:
    kept = [z for z in range(len(files.images)) if z not in (7, 8)]
    files.names, files.images, files.truth = kept, files.images[kept], files.truth[kept]
    files.slice = kept.index(SLICE)


def _unlabelled(files: Files) -> None:
    painted = np.zeros(files.label.shape, bool)
    painted[20:60, 20:80] = painted[70:110, 60:120] = True
    files.label = np.where(painted, files.label, 128).astype(np.uint8)


MISTAKES = {
    "none": Mistake(lambda _: None),
    "label of another size": Mistake(_set("label", lambda label: np.pad(label, ((0, 9), (0, 0))))),
    "label one pixel off": Mistake(_set("label", lambda label: label[:-1])),
    "label with its information bar": Mistake(_set("label", _bar)),
    "label inverted": Mistake(_set("label", lambda label: 255 - label), ("inverted-labels",)),
    "label shifted": Mistake(_set("label", lambda label: np.roll(label, (5, 3), (0, 1))), ("misplaced-labels",)),
    "label of another slice": Mistake(_other_slice, ("other-slice", "misplaced-labels")),
    "unlabelled value not named": Mistake(_unlabelled, ("unlabelled-value",)),
    "um for nm": Mistake(_set("size", lambda size: tuple(f"{float(e) / 1000:g}" for e in size)), ("voxel-size",)),
    "one number for the voxel size": Mistake(_set("size", lambda size: size[1:2])),
    "axes swapped": Mistake(_set("size", lambda size: size[::-1]), ("voxel-size", "slice-thickness")),
    "black slice": Mistake(_slice(9, lambda _: 0), ("blank-slice", "dark-slice")),
    "dark slice": Mistake(
        _slice(9, lambda images: (images[9] * 0.4).astype(np.uint8)), ("dark-slice", "brightness-jump")
    ),
    "repeated slice": Mistake(_slice(9, lambda images: images[8]), ("repeated-slice",)),
    "missing slices": Mistake(_leave_out, ("missing-slice",)),
    "shading": Mistake(_shade, ("shading",)),
    "information bar": Mistake(_add_bar_to_all, ("information-bar",)),
    "drift": Mistake(_drift, ("drift",)),
    "wrong z step": Mistake(_set("size", lambda size: ("80", *size[1:])), ("slice-thickness", "voxel-size")),
    "16-bit stack": Mistake(_set("images", lambda images: images.astype(np.uint16) * 16)),
    "inverted contrast": Mistake(_set("images", lambda images: 255 - images), ("inverted-labels", "inverted-contrast")),
}


def make_files(folder: Path) -> Files:
    """The phantom without a mistake."""
    if not (folder / "truth.ome.zarr").exists():
        keramos.phantom(folder, shape=SHAPE, voxel_size=SIZE, seed=4, severity=0.05)
    truth = keramos.open_labels(folder / "truth-as-imaged.ome.zarr").read()
    images = keramos.open_volume(folder / "images.ome.zarr").read().copy()
    return Files(images, truth, np.where(truth[SLICE] == 1, 255, 0).astype(np.uint8))


def write_files(files: Files, folder: Path) -> None:
    """A folder of TIFF slices, the label, and the truth."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "stack").mkdir(parents=True)
    for number, pixels in zip(files.names or range(len(files.images)), files.images, strict=True):
        tifffile.imwrite(folder / "stack" / f"slice_{number:03}.tif", pixels)
    tifffile.imwrite(folder / "label.tif", files.label)
    rows = files.images.shape[1] - files.truth.shape[1]
    tifffile.imwrite(folder / "truth.tif", np.pad(files.truth, ((0, 0), (0, rows), (0, 0)), constant_values=255))


def commands(files: Files, folder: Path) -> list[list[str]]:
    """The README's main line."""
    size = ["--voxel-size", *files.size]
    stack, model, out = str(folder / "stack"), str(folder / "model.keramos"), str(folder / "segmentation.ome.zarr")
    labels = ["--labels", str(folder / "label.tif"), "--slices", str(files.slice), *size]
    return [
        ["check", stack, *labels],
        ["train", "--images", stack, *labels, "--hold-out", "0.15", "--epochs", str(EPOCHS), "--out", model],
        ["segment", stack, *size, "--model", model, "--out", out],
        ["quantify", out, "--no-transport", "--out", str(folder / "quantities")],
        ["evaluate", out, str(folder / "truth.tif"), "--phases", "void=0,solid=1", "--leave-out", str(files.slice)],
    ]


def _run(arguments: list[str]) -> int:
    try:
        return run(arguments)
    except Exception:
        traceback.print_exc()
        return 1


def try_mistake(name: str, mistake: Mistake, work: Path) -> dict[str, Any]:
    """Each command's status, sentence and findings; the IoU of the end."""
    folder = work / name.replace(" ", "-")
    files = make_files(work / "phantom")
    mistake.make(files)
    write_files(files, folder)
    row: dict[str, Any] = {"commands": [], "iou": None}
    for number, arguments in enumerate(commands(files, folder)):
        told, numbers = io.StringIO(), folder / f"{number}.json"
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
            status = _run([*arguments, "--json", str(numbers)])
        last = told.getvalue().strip().splitlines()[-1].replace(str(work), "DIR") if status else ""
        facts = json.loads(numbers.read_text(encoding="utf-8")) if numbers.exists() else {}
        findings = [
            {key: one[key] for key in ("kind", "severity", "slices", "message")} for one in facts.get("findings", [])
        ]
        findings = [one | {"message": one["message"].replace(str(work), "DIR")} for one in findings]
        row["commands"].append({"command": arguments[0], "status": status, "sentence": last, "findings": findings})
        row["iou"] = facts.get("phases", {}).get("solid", {}).get("iou") if arguments[0] == "evaluate" else None
        if status:
            break
    return row


def judge(row: dict[str, Any], mistake: Mistake, good: float) -> str:
    """How a trial ended."""
    statuses = {command["status"] for command in row["commands"]}
    told = {one["kind"] for command in row["commands"] for one in command["findings"] if one["severity"] != "note"}
    noted = {one["kind"] for command in row["commands"] for one in command["findings"]}
    if statuses - {0, 2}:
        return "crashed"
    if 2 in statuses:
        return "refused"
    if told & set(mistake.kinds):
        return "named"
    if noted & set(mistake.kinds):
        return "noted"
    return "right" if row["iou"] is not None and row["iou"] > good - 0.01 else "silent"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("mistakes", nargs="*", default=[])
    given = parser.parse_args()
    on_one_core()
    rows: dict[str, Any] = {}
    for name in ["none", *(given.mistakes or [one for one in MISTAKES if one != "none"])]:
        rows[name] = try_mistake(name, MISTAKES[name], given.work)
        rows[name]["outcome"] = judge(rows[name], MISTAKES[name], rows["none"]["iou"] or 0.0)
        print(f"{rows[name]['outcome']:<14}{name}  IoU {rows[name]['iou']}")
        for command in rows[name]["commands"]:
            said = [command["sentence"]] if command["status"] else [one["kind"] for one in command["findings"]]
            print(f"    {command['command']}: {'; '.join(said)}")
    if not given.mistakes:
        write_results("mistakes", {"shape": list(SHAPE), "epochs": EPOCHS, "mistakes": rows})


if __name__ == "__main__":
    main()
