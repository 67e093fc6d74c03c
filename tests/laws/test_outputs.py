"""Law: whatever a verb writes, its path is new, or an earlier output of that kind which is asked to be replaced; never
a file of anyone's, a device, in what is read, or in a Zarr store. The outputs are those that options declare."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.apps.cli.commands import COMMANDS, Command
from keramos.core.errors import KeramosError, StorageError
from keramos.core.files import write_texts
from keramos.core.options import list_options
from keramos.project.output_kinds import OUTPUT_KINDS

OUTPUTS = [(command, row.name) for command in COMMANDS for row in list_options(command.settings) if row.about.writes]
each_output = pytest.mark.parametrize(
    ("command", "name"), OUTPUTS, ids=[f"{command.name}-{name}" for command, name in OUTPUTS]
)


OLD = Path(__file__).resolve().parents[1] / "fixtures" / "v01"
NEEDS_ANOTHER = {("evaluate", "images"), ("export", "labels"), ("export", "images"), ("quantify", "instances")}
"""Inputs that are only taken together with other options."""
COMPANIONS = {
    ("quantify", "table"): {"objects": "solid"},
    ("quantify", "object_ids"): {"objects": "solid"},
    ("quantify", "network"): {"objects": "solid"},
}
"""Options without which an output is refused."""


def settings_with(command: Command, name: str, out: Path, **more: Any) -> Any:
    """Settings of a verb that need not be able to work, for an output; inputs are files that are not there."""
    given: dict[str, Any] = {name: out, **COMPANIONS.get((command.name, name), {})}
    for row in list_options(command.settings):
        if row.required and row.field != name:
            given[row.field] = "authors" if row.name == "what" else "nothing.there"
    return command.verb.make_settings(**{**given, **more})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@each_output
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_no_device_is_written(command: Command, name: str) -> None:
    os.mkfifo("pipe")
    with pytest.raises(StorageError, match="found the device pipe"):
        command.verb.run(settings_with(command, name, Path("pipe")))


@each_output
def test_nothing_is_written_into_an_input_or_a_store(command: Command, name: str) -> None:
    shutil.copytree(OLD / "labels.ome.zarr", "s.ome.zarr")
    inside = Path("s.ome.zarr") / "new"
    with pytest.raises(StorageError, match="outside of Zarr stores"):
        command.verb.run(settings_with(command, name, inside))
    for row in list_options(command.settings):
        if row.about.reads and (command.name, row.name) not in NEEDS_ANOTHER:
            read = ("s.ome.zarr",) if "tuple" in str(row.kind) else "s.ome.zarr"
            for place in (inside, Path("s.ome.zarr")):
                with pytest.raises(StorageError, match=r"than what is read|folder s.ome.zarr|outside of Zarr"):
                    command.verb.run(settings_with(command, name, place, **{row.field: read}))
    assert not inside.exists()


@each_output
def test_a_file_of_anyone_stays_however_it_is_asked(command: Command, name: str) -> None:
    kind = OUTPUT_KINDS[next(r.about.writes for r in list_options(command.settings) if r.name == name)]
    out = Path("out")
    patterns = list(kind.files(out)) or [out]
    for pattern in patterns:
        file = Path(str(pattern).replace("*", "0007"))
        file.parent.mkdir(exist_ok=True)
        file.write_text("the only copy of a thesis on Keramos", encoding="utf-8")
        for fresh in (False, True):
            asked = {"fresh": fresh} if any(r.name == "fresh" for r in list_options(command.settings)) else {}
            with pytest.raises(KeramosError):
                command.verb.run(settings_with(command, name, out, **asked))
            assert file.read_text(encoding="utf-8") == "the only copy of a thesis on Keramos"
        file.unlink()


LABELS = np.tile(np.array([0, 1], np.uint8), (6, 40, 20))


@pytest.fixture
def files(here: Path) -> Path:
    for name, pixels in (("labels.tif", LABELS), ("images.tif", (60 + 100 * LABELS).astype(np.uint8))):
        tifffile.imwrite(name, pixels, photometric="minisblack")
    return here


READING = ("--voxel-size", 20, 10, 10, "--phases", "void=0,solid=1")
RUNS = {
    "evaluate": (("evaluate", "labels.tif", "labels.tif", *READING, "--overlay", "drawn"), "drawn/slice_0000.png"),
    "quantify": (("quantify", "labels.tif", *READING, "--no-transport", "--out", "q"), "q/quantities.json"),
    "train": (
        (
            "train",
            "--images",
            "images.tif",
            "--labels",
            "labels.tif",
            *READING,
            "--model",
            "otsu",
            "--out",
            "m.keramos",
        ),
        "m.keramos",
    ),
    "export": (("export", "labels.tif", *READING, "--to", "tiff", "--out", "e.tif"), "e.tif"),
    "check": (("check", "images.tif", "--voxel-size", 20, 10, 10), None),
}


@pytest.mark.parametrize("verb", RUNS)
def test_an_earlier_output_is_replaced_when_that_is_asked_for(
    verb: str, files: Path, keramos: Callable[..., Any]
) -> None:
    command, made = RUNS[verb]
    numbers = ("--json", "n.json")
    assert keramos(*command, *numbers).status == 0
    written = [files / "n.json", *([files / made] if made else [])]
    before = [file.stat().st_mtime_ns for file in written]
    if made:
        assert "already there; choose another name, or replace it with --fresh" in keramos(*command).complaint
    assert "already there" in keramos(*command, *numbers).complaint
    assert [file.stat().st_mtime_ns for file in written] == before
    assert keramos(*command, *numbers, "--fresh").status == 0
    assert all(now != then for now, then in zip([file.stat().st_mtime_ns for file in written], before, strict=True))


def test_fewer_overlays_leave_no_earlier_ones(files: Path, keramos: Callable[..., Any]) -> None:
    command = RUNS["evaluate"][0]
    assert keramos(*command).status == 0
    (files / "drawn" / "mine.png").write_bytes(b"mine")
    assert keramos(*command, "--leave-out", "0-4", "--fresh").status == 0
    assert sorted(file.name for file in (files / "drawn").iterdir()) == ["mine.png", "slice_0005.png"]


def test_a_finished_segmentation_and_its_numbers_are_as_they_were(files: Path, keramos: Callable[..., Any]) -> None:
    command = ("segment", "images.tif", "--voxel-size", 20, 10, 10, "--model", "otsu", "--json", "n.json", "--out")
    assert keramos(*command, "s.ome.zarr").status == 0
    assert keramos(*command, "s.ome.zarr").status == 0, "the same command again"
    assert "n.json is already there" in keramos(*command, "other.ome.zarr").complaint
    assert (
        "another file for the numbers"
        in keramos(*command[:-3], "--json", "s.ome.zarr/n", "--out", "s.ome.zarr").complaint
    )


def test_an_output_that_a_pattern_would_read_is_refused(files: Path, keramos: Callable[..., Any]) -> None:
    tifffile.imwrite("slice0.tif", LABELS[0])
    tifffile.imwrite("slice1.tif", LABELS[0])
    export = ("export", "slice*.tif", *READING, "--to", "tiff", "--out")
    assert "than what is read" in keramos(*export, "slices.tif").complaint
    assert keramos(*export, "stack.tif").status == 0


def test_files_that_belong_together_are_replaced_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {tmp_path / name: "good" for name in "abc"}
    write_texts(texts)
    plain = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name.startswith("c"):
            plain(path, content[:2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match=r"c, found: No space left on device"):
        write_texts(dict.fromkeys(texts, "new text"))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "good", "b": "good", "c": "good"}


def test_a_recipe_replaces_what_it_made_and_nothing_else(files: Path, keramos: Callable[..., Any]) -> None:
    stack = "[stack]\nimages = 'images.tif'\nvoxel_size = [20, 10, 10]\n"
    text = f"{stack}[train]\nlabels = 'labels.tif'\nphases = 'void=0,solid=1'\nmodel = 'otsu'\n[segment]\n"
    Path("r.toml").write_text(text, encoding="utf-8")
    Path("run").mkdir()
    shutil.copy(OLD / "otsu.keramos", "run/model.keramos")
    assert "model.keramos is already there" in keramos("run", "r.toml").complaint
    Path("run/model.keramos").unlink()
    assert keramos("run", "r.toml", "--json", "n.json").status == 0
    Path("r.toml").write_text(text.replace("'otsu'", "'otsu'\nseed = 1"), encoding="utf-8")
    assert keramos("run", "r.toml", "--json", "n.json").status == 0
    assert json.loads(Path("n.json").read_text(encoding="utf-8"))["steps"][0]["state"] == "changed"
