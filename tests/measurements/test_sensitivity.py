"""A voxel more or less of a phase, on bodies for which geometry says what it does."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage
from shapes import CUBIC, FLAT, volume_of

import keramos
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.measurements.sensitivity import EDGE, dilate, erode, list_changes, measure_sensitivity
from keramos.project.quantities import read_quantities
from keramos.reports.sections.sensitivity import SENSITIVITY
from keramos.settings.quantify import MeasurementOptions

NONE = MeasurementOptions(transport=False)
PHASES = PhaseTable.from_names(["void", "solid", "binder"])


def rows_of(labels: LabelVolume, options: MeasurementOptions = NONE) -> dict[tuple[str, str, str, str], list[float]]:
    table = measure_sensitivity(labels, options, Reporter())
    assert table is not None
    columns = [table.columns[name] for name in ("phase", "id", "of", "axis", "value", "eroded", "dilated")]
    return {(phase, id, of, axis): numbers for phase, id, of, axis, *numbers in zip(*columns, strict=True)}


@pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
def test_a_plate_loses_and_gains_a_layer_on_both_sides(size: VoxelSize) -> None:
    solid = np.zeros((20, 20, 20), bool)
    solid[5:15] = True
    rows = rows_of(volume_of(solid, size))
    assert rows["solid", "phase-fraction", "solid", ""] == pytest.approx([0.5, 0.4, 0.6])
    assert rows["void", "phase-fraction", "void", ""] == pytest.approx([0.5, 0.4, 0.6])
    surface = rows["solid", "specific-surface-area", "solid", ""]
    assert surface[1:] == pytest.approx([surface[0]] * 2)
    assert rows["solid", "percolating-fraction", "solid", "y"] == pytest.approx([1, 1, 1])


def test_layers_are_those_of_scipy() -> None:
    solid = np.random.default_rng(0).random((9, 10, 11)) < 0.5
    codes = solid.astype(np.uint8)
    cross = ndimage.generate_binary_structure(3, 1)
    assert np.array_equal(dilate(codes, 1) == 1, ndimage.binary_dilation(solid, cross))
    assert np.array_equal(erode(codes, 1) == 1, ndimage.binary_erosion(solid, cross, border_value=1))


def test_what_is_taken_off_goes_to_the_phase_that_most_of_it_touches() -> None:
    codes = np.full((3, 3, 3), 2, np.uint8)
    codes[1, 1, 1] = 1
    codes[0, 1, 1] = 0
    assert erode(codes, 1)[1, 1, 1] == 2
    codes[1, 1, 0] = codes[1, 1, 2] = codes[2, 1, 1] = 0
    assert erode(codes, 1)[1, 1, 1] == 0


def test_what_nobody_annotated_stays_so() -> None:
    codes = np.zeros((4, 4, 4), np.uint8)
    codes[:, :2], codes[0] = 1, 255
    assert (dilate(codes, 1)[0] == 255).all()
    assert (erode(codes, 1)[1:, 0] == 1).all()


def test_the_middle_of_a_large_volume_is_looked_at() -> None:
    solid = np.zeros((2 * EDGE, EDGE, EDGE), bool)
    solid[EDGE // 2 : -EDGE // 2, ::2] = True  # the middle is rough, its two ends are empty
    rows = rows_of(volume_of(solid, CUBIC), NONE.replace(phase=("solid",)))
    number = rows["solid", "phase-fraction", "solid", ""]
    assert list(number) == [0.5, 0, 1]
    assert {key[0] for key in rows} == {"solid"}


@pytest.mark.parametrize("phase", [(), ("solid",)], ids=["all", "one"])
def test_of_a_phase_that_vanishes_nothing_is_left(phase: tuple[str, ...]) -> None:
    solid = np.zeros((20, 20, 20), bool)
    solid[:, 5, 5] = True
    rows = rows_of(volume_of(solid, CUBIC), NONE.replace(phase=phase))
    assert rows["solid", "phase-fraction", "solid", ""] == pytest.approx([1 / 400, 0, 5 / 400])
    assert rows["solid", "components", "solid", ""] == [1, 0, 1]


def test_a_layer_comes_from_across_the_faces_of_the_middle() -> None:
    solid = np.zeros((EDGE + 2, EDGE, EDGE), bool)
    solid[0] = True  # beside the middle, which begins at 1
    solid[EDGE // 2] = True
    rows = rows_of(volume_of(solid, CUBIC))
    assert rows["solid", "phase-fraction", "solid", ""] == pytest.approx([1 / EDGE, 0, 4 / EDGE])


def test_numbers_of_pairs_and_solved_ones_are_among_them() -> None:
    codes = np.zeros((12, 12, 12), np.uint8)
    codes[:, 4:8], codes[:, 8:] = 1, 2
    labels = LabelVolume.from_array(codes, PHASES, CUBIC)
    rows = rows_of(labels, MeasurementOptions(thickness=True))
    area = rows["solid", "interface-area", "solid / binder", ""]  # what is taken off there goes to the binder
    assert area == pytest.approx([area[0]] * 3)
    assert rows["solid", "tortuosity-factor", "solid", "z"] == pytest.approx([1, 1, 1])
    assert rows["solid", "relative-diffusivity", "solid", "z"] == pytest.approx([1 / 3, 1 / 6, 1 / 2])


def test_a_single_phase_has_none() -> None:
    assert measure_sensitivity(volume_of(np.ones((9, 9, 9), bool), CUBIC), NONE, Reporter()) is None


def test_one_that_cannot_be_is_said() -> None:
    found = keramos.quantify(volume_of(np.ones((9, 9, 9), bool), CUBIC), transport=False, sensitivity=True)
    assert any(note.startswith("no sensitivity:") for note in found.notes)


def test_names_of_phases_may_look_like_pairs() -> None:
    codes = np.zeros((8, 8, 8), np.uint8)
    codes[:, 4:] = 1
    rows = rows_of(LabelVolume.from_array(codes, PhaseTable.from_names(["a / b", "c"]), CUBIC))
    assert rows["a / b", "phase-fraction", "a / b", ""] == pytest.approx([0.5, 3 / 8, 5 / 8])


def test_the_table_lies_beside_the_quantities_and_goes_with_them(tmp_path: Path) -> None:
    solid = np.zeros((10, 10, 10), bool)
    solid[3:7] = True
    labels, out = volume_of(solid, CUBIC), tmp_path / "q"
    keramos.quantify(labels, transport=False, sensitivity=True, out=out)
    rows = list(csv.DictReader((out / "sensitivity.csv").open(encoding="utf-8")))
    (row,) = (row for row in rows if row["phase"] == "solid" and row["id"] == "phase-fraction")
    assert (float(row["eroded_change"]), float(row["dilated_change"])) == pytest.approx((-0.5, 0.5))
    keramos.quantify(labels, transport=False, out=out, fresh=True)
    assert not (out / "sensitivity.csv").exists()


def test_the_quantities_keep_it_and_the_page_shows_it(tmp_path: Path) -> None:
    solid = np.zeros((10, 10, 10), bool)
    solid[3:7], solid[0, 0, 0] = True, True
    made = keramos.quantify(volume_of(solid, CUBIC), transport=False, sensitivity=True, out=tmp_path)
    changes = {(row.phase, row.name, row.axis): row[3:] for row in list_changes(read_quantities(tmp_path).tables[0])}
    assert changes["solid", "phase fraction", ""] == pytest.approx((200 / 401 - 1, 604 / 401 - 1))
    found = read_quantities(tmp_path)
    for ours, read in zip(made.tables[0].columns.values(), found.tables[0].columns.values(), strict=True):
        assert all(a == b or (a != a and b != b) for a, b in zip(ours, read, strict=True))
    shown = SENSITIVITY.render(SimpleNamespace(measurements=found))
    assert shown is not None
    assert "solid: phase fraction" in shown
    assert "−50.1" in shown
    assert SENSITIVITY.render(SimpleNamespace(measurements=keramos.Measurements())) is None
