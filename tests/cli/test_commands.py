"""The command line and recipes say the same: every option of a verb, with the same value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import keramos
from keramos.apps.cli.commands import COMMANDS, Command, callback, command_options
from keramos.apps.cli.main import make_app, run
from keramos.apps.cli.reference import reference_page
from keramos.core.options import Declared, Settings, choices, list_options
from keramos.project.recipe.read import read_recipe
from keramos.project.recipe.schema import STEPS, table_options
from keramos.project.recipe.steps import Places, build_steps
from keramos.settings.phantom import RawOptions

BY_NAME = {command.name: command for command in COMMANDS}
OTHER_FORMS = {
    ("evaluate", "truth"),
    ("evaluate", "overlay"),
    ("export", "to"),
    ("export", "out"),
    ("prepare", "look"),
    ("report", "figures"),
    ("quantify", "table"),
    ("quantify", "object_ids"),
    ("quantify", "network"),
}
"""An argument of the command, or an output that a recipe puts into its own folder."""
COMPANIONS = {
    ("evaluate", "images"): {"overlay": "x"},
    ("quantify", "slices"): {"truth": "t"},
    **{
        ("quantify", name): {"objects": "solid"}
        for name in ("neck_depth", "table", "object_ids", "network", "instances")
    },
}
"""Options that make sense only with another."""
SAMPLES: dict[str, Any] = {
    "box": "0:2,0:32,0:32",
    "voxel_size": [10, 20, 30],
    "shape": [4, 40, 40],
    "phases": "void=0,solid=255",
    "memory": "1GiB",
    "slices": ["3", "5-7"],
    "leave_out": ["1-2"],
    "hand_labels": [1],
    "conductivity": ["solid=3", "void=1"],
    "electrodes": ["solid=z0", "void=z1"],
    "phase": ["void", "solid"],
    "table": "some.csv",
    "defects": ["haze"],
    "labels": "labels.tif",
    "to": "mesh",
    "authors": "Ada Lee",
    "remove_specks": "1e6nm3",
    "fill_holes": 50,
    "connectivity": 26,
    "realizations": 5,
    "domain": 32,
    "crop": 64,
    "number": 7,
    "remedies": "shading",
    "fiducial": "0:2,0:32,0:32",
}


def sample(row: Declared) -> Any:
    """A value that is not the default."""
    if row.name in SAMPLES:
        return SAMPLES[row.name]
    if choices(row.kind):
        return next(choice for choice in choices(row.kind) if choice != row.default)
    kind = str(row.given)
    if "bool" in kind:
        return not row.default
    low = row.about.low or 0
    if "float" in kind:
        return low + 0.25
    return int(low) + 1 if "int" in kind else f"some-{row.name}"


def words(row: Declared, value: Any) -> list[str]:
    """The value on a command line."""
    flag = f"--{row.name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-")]
    values = value if isinstance(value, list) else [value]
    return [flag, *map(str, values)]


def from_command_line(command: Command, arguments: list[str]) -> Settings:
    """The settings that a command line makes."""
    made: list[Settings] = []

    def keep(called: Command, options: dict[str, Any], _: Path | None) -> int:
        made.append(called.verb.make_settings(**options))
        return 0

    app = make_app(command, complete=False)
    app.command(callback(command, keep, command_options(command)), name="this")
    app(["this", *arguments], exit_on_error=False, print_error=False)
    return made[0]


def from_recipe(tmp_path: Path, step: str, row: Declared, value: Any) -> Settings:
    """The settings of a step whose table has one key."""
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else repr(value)
    tables = {"phantom": "", "train": "", step: f"{row.name} = {text}\n"}
    if (step, row.name) == ("segment", "model"):
        tables.pop("train")
    if step == "prepare":
        tables = {"stack": "images = 'raw'\n", "train": "labels = 'l'\n", step: tables[step]}
    tables[step] += "".join(f"{key} = '{given}'\n" for key, given in COMPANIONS.get((step, row.name), {}).items())
    file = tmp_path / "recipe.toml"
    file.write_text("".join(f"[{name}]\n{body}" for name, body in tables.items()), encoding="utf-8")
    steps = build_steps(read_recipe(file), Places(tmp_path, tmp_path / "run"))
    return next(made.settings for made in steps if made.name.split()[0] == step)


@pytest.mark.parametrize("step", STEPS)
def test_a_table_has_the_options_of_its_command(step: str) -> None:
    wired = {row.name for row in list_options(STEPS[step]) if row.about.wired}
    command = {row.name for row in command_options(BY_NAME[step])}
    assert {row.name for row in table_options(step)} == command - wired
    raw = {row.name for row in list_options(RawOptions)}  # no step works on raw slices
    several = {"groups", "sheet", "against", "compare", "tables"}  # a recipe has one sample
    assert wired <= {"images", "out", "fresh", "path", "prediction", "labels", "runs"} | raw | several


@pytest.mark.parametrize(
    ("step", "name"),
    [(step, row.name) for step in STEPS for row in table_options(step) if (step, row.name) not in OTHER_FORMS],
)
def test_an_option_has_the_same_value_in_both(step: str, name: str, tmp_path: Path) -> None:
    row = next(row for row in table_options(step) if row.name == name)
    value = "void" if (step, name) == ("export", "phase") else sample(row)
    inside = from_recipe(tmp_path, step, row, value)
    required = {
        "phantom": ["--out", "o"],
        "prepare": ["raw", "--out", "o"],
        "train": ["--images", "i", "--labels", "l", "--out", "o"],
        "segment": ["i", "--model", "m", "--out", "o"],
        "evaluate": ["p", "t"],
        "quantify": ["l"],
        "reconcile": ["l"],
        "export": ["p", "--out", "o"],
        "report": ["r"],
    }[step]
    flag = words(row, value)[0]
    if flag in required:
        at = required.index(flag)
        del required[at : at + 2]
    more = [word for key, given in COMPANIONS.get((step, name), {}).items() for word in (f"--{key}", given)]
    outside = from_command_line(BY_NAME[step], [*required, *words(row, value), *more])
    one, other = (_value(settings, row) for settings in (outside, inside))
    if row.about.reads:
        other = _plain_path(other, tmp_path)
    assert one == other or (name == "leave_out" and set(one) <= set(other))


def _value(settings: Settings, row: Declared) -> Any:
    own = getattr(settings, "options", {})
    return own[row.field] if row.field in own else getattr(settings, row.field)


def _plain_path(value: Any, folder: Path) -> Any:
    """A path of a recipe, as a command line in the recipe's folder has it."""
    if isinstance(value, tuple):
        return tuple(_plain_path(item, folder) for item in value)
    return str(value).removeprefix(f"{folder}/")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_helps_and_shows_its_defaults(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command.name, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example: keramos" in text
    for row in command_options(command):
        if not row.about.argument:
            assert f"--{row.name.replace('_', '-')}" in text
    assert callable(getattr(keramos, command.identifier))


def test_a_flag_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["phantom", "--out", "p", "--seed", "1", "--seed", "2"]) == 2
    assert "specified multiple times" in capsys.readouterr().err


def test_three_numbers_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["phantom", "--out", "p", "--voxel-size", "15"]) == 2
    assert "--voxel-size takes three numbers in nm, z y x" in capsys.readouterr().err


def test_completion_scripts_are_made() -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "keramos" in make_app().generate_completion(shell=shell)


def test_the_reference_page_is_up_to_date() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference.md"
    assert page.read_text(encoding="utf-8") == reference_page(), (
        "python -m keramos.apps.cli.reference > docs/reference.md"
    )


def test_an_argument_that_an_option_of_several_values_took_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--leave-out", "3", "segmentation.tif", "truth.tif"]) == 2
    assert "missing PREDICTION; give it before the options that take several values" in capsys.readouterr().err


def test_training_says_how_to_segment_with_the_same_voxel_size(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    codes = np.random.default_rng(0).integers(0, 2, (64, 64)).astype(np.uint8)
    tifffile.imwrite("i.tif", 50 + 100 * codes)
    tifffile.imwrite("l.tif", codes)
    options = ("--voxel-size", "20", "26.4", "20.8", "--model", "otsu", "--out", "m.keramos")
    assert run(["train", "--images", "i.tif", "--labels", "l.tif", *options]) == 0
    following = capsys.readouterr().out.splitlines()[-1].split()
    assert following[:2] == ["next", "keramos"]
    following[-1] = "out.ome.zarr"
    assert run(following[2:]) == 0
    assert "--voxel-size" not in capsys.readouterr().out.splitlines()[-1]
    assert run(["segment", "i.tif", "--model", "otsu", "--out", "sizeless.ome.zarr"]) == 0
    measuring = capsys.readouterr().out.splitlines()[-1].split()
    assert measuring[3:8] == ["sizeless.ome.zarr", "--voxel-size", "Z_NM", "Y_NM", "X_NM"]
