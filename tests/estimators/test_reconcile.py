"""`keramos reconcile` as users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import keramos
from keramos.apps.cli.main import run
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import FormatError, KeramosError, LabelError
from keramos.estimators import ESTIMATORS, GROUPS
from keramos.estimators.registry import estimators_of
from keramos.project.estimates import read_estimates
from keramos.simulation import make_phantom


@pytest.fixture(scope="module")
def labels() -> LabelVolume:
    return make_phantom((20, 28, 28), voxel_size=VoxelSize(20, 20, 20), seed=2).truth


@pytest.fixture(scope="module")
def result(labels: LabelVolume) -> keramos.ReconcileResult:
    return keramos.reconcile(labels, domain=20)


def test_each_group_has_one_to_report_and_a_reason() -> None:
    for group in GROUPS:
        first, *others = estimators_of(group)
        assert first.rank == 0
        assert first.reason
        assert all(one.rank and not one.reason for one in others)


def test_all_estimators_but_those_of_lines_are_there(result: keramos.ReconcileResult) -> None:
    names = {(row.name, row.phase) for row in result.reconciliation.rows}
    phases = {row.phase for row in result.reconciliation.rows}
    wanted = {one.name for one in ESTIMATORS.values() if one.group != "triple line"}
    assert names == {(name, phase) for name in wanted for phase in phases}


def test_own_rows_are_what_quantify_prints(labels: LabelVolume, result: keramos.ReconcileResult) -> None:
    box = result.box
    measured = keramos.quantify(labels.crop(box), thickness=True, paths=True, domain=64)
    for row in result.reconciliation.rows:
        if row.name in ("mean-local-thickness", "tortuosity-factor"):
            for axis, value in row.values.items():
                found = [q for q in measured.quantities if (q.id, q.phase, q.axis) == (row.name, row.phase, axis)]
                assert (found[0].quantity.value if found else None) == value
        if row.name == "crofton-extrapolated":
            assert row.values[""] == measured.find("specific-surface-area", row.phase).value


def test_lines_are_looked_at_once_where_there_are_three_phases() -> None:
    rng = np.random.default_rng(3)
    codes = (rng.random((4, 4, 4)) * 3).astype(np.uint8).repeat(6, 0).repeat(6, 1).repeat(6, 2)
    three = LabelVolume.from_array(codes, PhaseTable.from_names(["pore", "carbon", "binder"]), (10, 10, 10))
    found = keramos.reconcile(three, transport=False).reconciliation
    lines = [row for row in found.rows if row.group == "triple line"]
    assert len(lines) == len(estimators_of("triple line"))
    assert {row.phase for row in lines} == {""}
    edges = next(row.value for row in lines if row.name == "voxel-edges")
    assert edges is not None
    # At most one line in four meets three phases or more, along each edge of a cube of 60 nm.
    assert 0 < edges < 3 * 1e6 / 60**2


def test_the_command_prints_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = np.zeros((16, 24, 24), np.uint8)
    codes[:, 4:20, 4:20] = 255
    tifffile.imwrite(tmp_path / "labels.tif", codes)
    out = tmp_path / "estimates.json"
    arguments = ["reconcile", str(tmp_path / "labels.tif"), "--voxel-size", "20", "10", "10", "--no-transport"]
    assert run([*arguments, "--json", str(out)]) == 0
    shown, written = capsys.readouterr().out, json.loads(out.read_text())
    assert "> Crofton, 13 directions, extrapolated" in shown
    assert "report 'Crofton, 13 directions, extrapolated'" in shown
    assert {row["group"] for row in written["estimates"]} == {"surface", "size", "percolation"}
    assert written["findings"] == []


def test_labels_that_nothing_can_be_said_of() -> None:
    phases = PhaseTable.from_names(["void", "solid"])
    thin = LabelVolume.from_array(np.ones((1, 32, 32), np.uint8), phases, (10, 10, 10))
    with pytest.raises(LabelError, match="at least 8"):
        keramos.reconcile(thin)
    with pytest.raises(KeramosError, match="voxel size"):
        keramos.reconcile(LabelVolume.from_array(np.ones((16, 16, 16), np.uint8), phases))


def test_a_checkerboard_has_numbers_or_none() -> None:
    phases = PhaseTable.from_names(["void", "solid"])
    codes = (np.indices((12, 12, 12)).sum(axis=0) % 2).astype(np.uint8)
    found = keramos.reconcile(LabelVolume.from_array(codes, phases, (10, 10, 10)), transport=False)
    rows = {row.name: row for row in found.reconciliation.rows if row.phase == "solid"}
    assert rows["percolating-6"].values == dict.fromkeys("zyx", 0.0)
    assert rows["watershed-by-number"].bias is None  # balls of a voxel are no objects


def test_a_single_phase_has_numbers_or_none() -> None:
    phases = PhaseTable.from_names(["void", "solid"])
    full = LabelVolume.from_array(np.ones((16, 16, 16), np.uint8), phases, (10, 10, 10))
    rows = {row.name: row for row in keramos.reconcile(full).reconciliation.rows}
    assert rows["voxel-faces"].values == {"": 0.0}
    assert rows["mean-distance"].values == {"": None}
    assert rows["percolating-6"].values == dict.fromkeys("zyx", 1.0)


def test_estimates_are_read_as_they_were_written(result: keramos.ReconcileResult, tmp_path: Path) -> None:
    file = tmp_path / "estimates.json"
    file.write_text(json.dumps(result.to_json()), encoding="utf-8")
    again = read_estimates(file)
    assert again.found == result.reconciliation
    assert (again.labels, again.box) == (result.labels.name, str(result.box))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"labels": "a", "box": "b", "estimates": [{}], "advice": []}'])
def test_other_files_are_no_estimates(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match="keramos reconcile --json"):
        read_estimates(file)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("advice", "group", "new"),
        ("advice", "phase", "another"),
        ("estimates", "values", 3),
        ("ball_radii", None, {"x": None}),
    ],
)
def test_estimates_that_no_page_could_show_are_none(
    result: keramos.ReconcileResult, tmp_path: Path, part: str, key: str | None, value: object
) -> None:
    data = json.loads(json.dumps(result.to_json()))
    if key is None:
        data[part] = value
    else:
        data[part][0][key] = value
    file = tmp_path / "other.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(FormatError, match="keramos reconcile --json"):
        read_estimates(file)
