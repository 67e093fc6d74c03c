"""Writers are found by registration, also from another package, and what they write is there whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos import export
from keramos.core import LabelVolume
from keramos.core.errors import SettingsError, StorageError
from keramos.core.files import whole_output
from keramos.core.options import list_options
from keramos.core.progress import Reporter
from keramos.io import open_volume
from keramos.writers import WRITERS, Writer

TOY = '''
from dataclasses import dataclass

from keramos.core.options import Settings, option
from keramos.writers import Writer


@dataclass(frozen=True, kw_only=True)
class ToySettings(Settings):
    """Options of a toy."""

    loud: bool = option(False, help="In capital letters.")


def write(stack, path, settings, reporter):
    text = "x".join(map(str, stack.shape))
    path.write_text(text.upper() if settings.loud else text)


def write_folder(stack, path, settings, reporter):
    path.mkdir()
    (path / "shape.txt").write_text(str(stack.shape))


WRITER = Writer("toy", "the shape of a stack", "stack", write, settings=ToySettings, suffixes=(".toy",))
FOLDER = Writer("toys", "the shape of a stack, in a folder", "stack", write_folder)
'''


def test_a_writer_of_another_package_through_the_command_line(
    install: Callable[..., Path], keramos: Callable[..., Any], phantom: Path, tmp_path: Path
) -> None:
    command, out = ("export", phantom / "images.ome.zarr", "--to", "toy"), tmp_path / "a.toy"
    assert "tiff" in keramos(*command, "--out", out).complaint
    install(WRITERS, "toy_writer", TOY)
    assert keramos(*command, "--out", out).status == 0
    assert out.read_text() == "8x96x96"
    assert "--fresh" in keramos(*command, "--out", out).complaint
    assert "called *.toy for --to toy" in keramos(*command, "--out", tmp_path / "a.txt").complaint
    assert "--smooth only with --to mesh" in keramos(*command, "--smooth", 3, "--out", tmp_path / "b.toy").complaint
    assert "toys" in keramos(*command[:2], "--to", "gif", "--out", out).complaint


def test_the_options_of_a_writer_of_another_package(
    install: Callable[..., Path], ternary: LabelVolume, tmp_path: Path
) -> None:
    install(WRITERS, "toy_writer", TOY)
    out = export(ternary, tmp_path / "a.toy", to="toy", loud=True)
    assert out.read_text() == "6X7X9"
    with pytest.raises(SettingsError, match="--loud only with --to toy, found it with --to vti"):
        export(ternary, tmp_path / "a.vti", to="vti", loud=True)
    with pytest.raises(SettingsError, match="--quiet of a writer"):
        export(ternary, tmp_path / "b.toy", to="toy", quiet=True)


def test_the_options_of_a_writer_of_another_package_in_commands_and_recipes(
    install: Callable[..., Path], keramos: Callable[..., Any], phantom: Path, tmp_path: Path
) -> None:
    install(WRITERS, "toy_writer", TOY)
    images = phantom / "images.ome.zarr"
    assert keramos("export", images, "--to", "toy", "--loud", "--out", tmp_path / "a.toy").status == 0
    assert (tmp_path / "a.toy").read_text() == "8X96X96"
    assert "--loud" in keramos("export", "--help").out
    recipe = f"[stack]\nimages = '{images}'\n[segment]\nmodel = 'otsu'\n[export]\nto = 'toy'\nloud = true\n"
    (tmp_path / "toy.toml").write_text(recipe, encoding="utf-8")
    assert keramos("run", tmp_path / "toy.toml").status == 0
    assert (tmp_path / "run" / "segmentation.toy").read_text() == "8X96X96"


def test_a_folder_is_replaced_only_if_the_writer_knows_it(
    install: Callable[..., Path], ternary: LabelVolume, tmp_path: Path
) -> None:
    install(WRITERS, "toy_writer", TOY)
    folder = export(ternary, tmp_path / "new" / "toys", to="toys")
    assert [path.name for path in folder.iterdir()] == ["shape.txt"]
    with pytest.raises(StorageError, match="is already there"):
        export(ternary, folder, to="toys")
    with pytest.raises(StorageError, match="delete it by hand"):
        export(ternary, folder, to="toys", fresh=True)
    (folder / "old.txt").touch()
    knows = replace(WRITERS["toys"], is_own=lambda path: (path / "shape.txt").exists())
    knows.export(ternary, folder, fresh=True)
    assert [path.name for path in folder.iterdir()] == ["shape.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["toys"]


@pytest.mark.parametrize("is_folder", [False, True])
def test_what_fails_midway_leaves_what_was_there(ternary: LabelVolume, tmp_path: Path, is_folder: bool) -> None:
    def fail(_content: object, path: Path, _settings: object, _reporter: Reporter) -> None:
        if is_folder:
            path.mkdir()
        (path / "half" if is_folder else path).write_text("half")
        raise OSError("the disk is full")

    suffixes = () if is_folder else (".txt",)
    writer = Writer("half", "half a file", "stack", fail, suffixes=suffixes, is_own=lambda _: True)
    out = tmp_path / "a.txt"
    with pytest.raises(StorageError, match="the disk is full"):
        writer.export(ternary, out)
    assert not list(tmp_path.iterdir())
    if is_folder:
        out.mkdir()
    (out / "whole" if is_folder else out).write_text("whole")
    with pytest.raises(StorageError, match="the disk is full"):
        writer.export(ternary, out, fresh=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (out / "whole" if is_folder else out).read_text() == "whole"


def test_a_writer_finds_what_a_killed_run_left_and_removes_it(ternary: LabelVolume, tmp_path: Path) -> None:
    """A run that is killed cannot clean up; the next one does."""
    out = tmp_path / "a.tif"
    killed = (
        "import os; from pathlib import Path; from keramos.core.files import whole_output\n"
        f"with whole_output(Path({str(out)!r})) as path: path.write_text('half'); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    WRITERS["tiff"].export(ternary, out)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]
    assert np.array_equal(open_volume(out).read(), ternary.read())


def test_a_run_that_is_killed_between_two_moves_loses_no_earlier_folder(tmp_path: Path) -> None:
    """The earlier folder has been moved away, the new one is not in its place yet."""
    out = tmp_path / "data"
    out.mkdir()
    (out / "earlier.txt").touch()
    killed = (
        "import os; from pathlib import Path; from keramos.core import files\n"
        "files._replace = lambda *_: os._exit(9)\n"
        f"with files.whole_output(Path({str(out)!r})) as path: path.mkdir()"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == 9
    assert not out.exists()
    with pytest.raises(ZeroDivisionError), whole_output(out):
        1 / 0  # noqa: B018
    assert [path.name for path in out.iterdir()] == ["earlier.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_every_writer_says_what_it_is() -> None:
    assert set(WRITERS) >= {"tiff", "mesh", "vti", "onnx", "bioimageio", "nnunet"}
    for writer in WRITERS.values():
        assert writer.summary
        assert writer.takes in ("stack", "labels", "model", "pairs")
        assert f"--to {writer.name} " in writer.example
        assert all(row.about.help for row in list_options(writer.settings))
        assert writer.settings() == writer.settings()


def test_looking_at_writers_loads_nothing_heavy() -> None:
    heavy = ["torch", "tifffile", "skimage", "trimesh", "scipy", "onnx", "bioimageio", "zarr", "matplotlib"]
    look = "import sys; from keramos.writers import WRITERS; list(WRITERS)"
    check = f"{look}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
