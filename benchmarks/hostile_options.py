"""Every command with every option at its extremes, in process, on a tiny stack. Used by hostile_inputs.py."""

from __future__ import annotations

import contextlib
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import tifffile

from keramos.apps.cli.commands import COMMANDS, command_options
from keramos.apps.cli.main import run
from keramos.core.errors import SettingsError
from keramos.core.option_check import choices
from keramos.core.options import Declared

VOXELS = ("--voxel-size", "20", "5", "5")
TINY = "tiny.keramos"
PAIR = ("--images", "stack.tif", "--labels", "labels.tif", "--slices", "1")
BASES: dict[str, tuple[str, ...]] = {
    "check": ("stack.tif",),
    "phantom": ("--out", "made", "--shape", "6", "32", "32"),
    "train": (*PAIR, "--out", "m.keramos", "--budget", "0.2", *VOXELS),
    "segment": ("stack.tif", "--model", TINY, "--out", "o.ome.zarr", "--backend", "torch", *VOXELS),
    "suggest": ("stack.tif", "--model", TINY, "--edge", "16", *VOXELS),
    "evaluate": ("labels.tif", "labels.tif", *VOXELS),
    "quantify": ("labels.tif", "--no-transport", *VOXELS),
    "report": ("seg.ome.zarr", "--out", "r.html", "--no-quantify"),
    "info": ("stack.tif",),
    "models": (),
    "export": ("seg.ome.zarr", "--to", "tiff", "--out", "e.tif"),
    "import-authors": ("train_dataset.npy.gz", "--out", "imported"),
    "run": ("recipe.toml", "--dry-run"),
}
"""Commands in their least form. `demo`, `compare` and `fetch` are left out: they take minutes, or a network."""

NUMBERS = (
    "0",
    "-1",
    "1",
    "1.5",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "100000000000000000000000",
    "",
    "abc",
    "-",
    "0x10",
    "1_0",
)
TEXTS = (
    "",
    "x" * 500,
    "\x1b[2J\x1b]0;t\x07",
    "../..",
    "\u202e",
    "a=b=c",
    "{}",
    "0",
    "nan",
    "z0:z1",
    ",,,",
    "void=",
    "=1",
)
PATHS = (
    "",
    "nowhere",
    ".",
    "/dev/null",
    "stack.tif",
    "x" * 300,
    "\x1b[31mred",
    "/proc/1/mem/x",
    "labels.tif",
    "recipe.toml",
)

Trial = tuple[str, tuple[str, ...]]


def all_trials(only: list[str] | None) -> list[Trial]:
    """The arguments of each trial, by command."""
    trials: list[Trial] = []
    for command in COMMANDS:
        if command.name not in BASES or (only and command.name not in only):
            continue
        base = BASES[command.name]
        trials.append((command.name, base))
        for row in command_options(command):
            trials += [(command.name, arguments) for arguments in _arguments(row, base)]
    return trials


def _arguments(row: Declared, base: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The base with an option's value at each extreme."""
    values = _values(row)
    if row.about.argument:
        return [(value, *base[1:]) for value in values]
    name = f"--{row.name.replace('_', '-')}"
    if row.given is bool or bool in get_args(row.given):
        return [] if name == "--speed" else [(*base, name)]  # it measures for a minute
    rest = _without(base, name)
    several = [part for part in get_args(row.given) if get_args(part)] or [row.given]
    count = len(get_args(several[0])) if get_args(several[0]) and Ellipsis not in get_args(several[0]) else 1
    count = count if str(several[0]).startswith("tuple") else 1
    trials = [(*rest, name, *([value] * count)) for value in values]
    return [*trials, (*rest, name), (*base, name, *([values[0]] * count), name, *([values[1]] * count))]


def _values(row: Declared) -> list[str]:
    bounds = [f"{bound:.17g}" for bound in (row.about.low, row.about.high) if bound is not None]
    bounds = bounds[:-1] if row.name in ("budget", "epochs") else bounds  # a year of training is allowed
    listed = [str(choice) for choice in choices(row.kind)]
    if listed:
        return [*listed, "", "nothing", listed[0].upper(), f"{listed[0]}x"]
    if row.about.reads or row.about.writes or row.given in (Path,):
        return list(PATHS)
    kinds = {row.given, *get_args(row.given), *(inner for part in get_args(row.given) for inner in get_args(part))}
    if kinds & {int, float}:
        return [*bounds, *NUMBERS]
    return [*TEXTS, *NUMBERS]


def _without(base: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The base without an option and its values."""
    if name not in base:
        return base
    start = base.index(name)
    stop = next((at for at in range(start + 1, len(base)) if base[at].startswith("--")), len(base))
    return base[:start] + base[stop:]


@cache
def _files() -> dict[str, bytes]:
    """Small inputs by name, made once in each child."""
    from hostile_seeds import RECIPE, _keras, _model, grey

    folder = Path(os.environ["TMPDIR"]) if "TMPDIR" in os.environ else Path("/tmp")
    home = folder / f"keramos-hostile-{os.getpid()}"
    home.mkdir(exist_ok=True)
    stack = grey()
    tifffile.imwrite(home / "stack.tif", stack)
    for name in ("labels.tif", "truth.tif"):
        tifffile.imwrite(home / name, (stack > 100).astype(np.uint8))
    _model(home / TINY, "compact")
    _keras(home / "unet.h5")
    (home / "train_dataset.npy.gz").write_bytes(b"")
    (home / "recipe.toml").write_text(RECIPE)
    files = {path.name: path.read_bytes() for path in home.iterdir()}
    shutil.rmtree(home)
    return files


def try_options(trial: Trial, folder: Path) -> str:
    """Run one command in a folder of its own; KeramosError, with what it complained, for status 2."""
    for name, content in _files().items():
        (folder / name).write_bytes(content)
    before = Path.cwd()
    os.chdir(folder)
    try:
        if trial[0] in ("report", "export"):
            _prepare_segmentation()
        status, said = _run(trial)
    finally:
        os.chdir(before)
    if status == 0:
        return "done"
    lines = [
        line
        for line in said.splitlines()
        if line and not (line.startswith(("note: ", "warning: ")) or ": done in " in line)
    ]
    if status != 2 or len(lines) != 1 or not lines[0].startswith("keramos: "):
        raise AssertionError(f"status {status} and {len(lines)} lines: {said[-300:]}")
    raise SettingsError(lines[0])


def _prepare_segmentation() -> None:
    run(["segment", "stack.tif", "--model", "otsu", "--out", "seg.ome.zarr", *VOXELS])


def _run(trial: Trial) -> tuple[int, str]:
    import io

    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        status: Any = run([trial[0], *trial[1]])
    return int(status), said.getvalue()
