"""Places where the steps of a recipe write, and what one hands on to the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keramos.apps.cli.main import run
from keramos.project.recipe.read import read_recipe
from keramos.project.recipe.steps import Places, build_steps
from keramos.settings.report import ReportSettings

START = """
out = "made"
[phantom]
shape = [12, 24, 24]
seed = 3
[segment]
model = "otsu"
"""


def steps_of(folder: Path, text: str) -> dict[str, object]:
    file = folder / "recipe.toml"
    file.write_text(START + text, encoding="utf-8")
    return {step.name: step for step in build_steps(read_recipe(file), Places(folder, folder / "made"))}


@pytest.mark.parametrize(
    ("key", "given", "place"),
    [
        ("table", "'sizes.csv'", "sizes.csv"),
        ("object_ids", "'ids/pores.ome.zarr'", "ids/pores.ome.zarr"),
        ("network", "'net.json'", "net.json"),
        ("table", "true", "objects.csv"),
        ("object_ids", "true", "object-ids.ome.zarr"),
        ("network", "true", "network.csv"),
    ],
)
def test_outputs_of_objects_lie_in_the_folder_of_results(tmp_path: Path, key: str, given: str, place: str) -> None:
    step = steps_of(tmp_path, f"[quantify]\nobjects = 'solid'\n{key} = {given}\n")["quantify"]
    assert getattr(step.settings, key) == tmp_path / "made" / place  # type: ignore[attr-defined]
    assert tmp_path / "made" / place in step.outputs  # type: ignore[attr-defined]


def test_outputs_may_be_left_out(tmp_path: Path) -> None:
    step = steps_of(tmp_path, "[quantify]\nobjects = 'solid'\ntable = false\n")["quantify"]
    assert step.settings.table is None  # type: ignore[attr-defined]


def test_figures_without_a_name_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    step = steps_of(tmp_path, "[report]\nfigures = true\n")["report"]
    assert step.settings.figures == tmp_path / "made" / "figures"  # type: ignore[attr-defined]


def test_a_report_has_the_estimates_only_where_they_are_a_step(tmp_path: Path) -> None:
    for text, wanted in (("", None), ("[reconcile]\n", str(tmp_path / "made" / "estimates.json"))):
        settings = steps_of(tmp_path, f"{text}[report]\n")["report"].settings  # type: ignore[attr-defined]
        assert isinstance(settings, ReportSettings)
        assert settings.estimates == wanted


def test_objects_and_estimates_are_made_and_shown(tmp_path: Path) -> None:
    steps_of(
        tmp_path,
        "[quantify]\nobjects = 'solid'\ntable = true\nnetwork = true\ntransport = false\n"
        "[reconcile]\nphase = 'solid'\ntransport = false\n[report]\n",
    )
    file, told = str(tmp_path / "recipe.toml"), tmp_path / "told.json"
    assert run(["run", file, "--json", str(told)]) == 0
    made = tmp_path / "made"
    assert (made / "objects.csv").read_text().startswith("id,z_nm,y_nm,x_nm,voxels,")
    assert (made / "network.csv").is_file()
    names = {row["name"] for row in json.loads((made / "estimates.json").read_text())["estimates"]}
    assert {"voxel-faces", "mean-chord"} <= names
    page = (made / "report.html").read_text(encoding="utf-8")
    assert 'id="estimates"' in page
    assert "voxel faces" in page
    assert run(["run", file, "--json", str(told)]) == 0
    assert {step["state"] for step in json.loads(told.read_text())["steps"]} == {"up to date"}
    (made / "objects.csv").unlink()
    assert run(["run", file, "--json", str(told), "--dry-run"]) == 0
    states = {step["name"]: step["state"] for step in json.loads(told.read_text())["steps"]}
    assert (states["segment"], states["quantify"]) == ("up to date", "changed")
