"""Decisions survive a kill, corrections leave the original alone, and the numbers say what they changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from keramos.annotation.proofreading import (
    Evidence,
    Place,
    correct_labels,
    find_places,
    make_training_labels,
    open_decisions,
    remeasure,
    save_corrected,
)
from keramos.core import Box, LabelVolume, PhaseTable
from keramos.core.errors import FormatError, LabelError, SettingsError, ShapeError
from keramos.io import describe, open_labels

PHASES = PhaseTable.from_names(["void", "solid"])
BRIDGE = Box((20, 14, 6), (22, 18, 8))


@pytest.fixture
def labels() -> LabelVolume:
    """Two plates with a bridge, and a speck."""
    codes = np.zeros((24, 32, 12), np.uint8)
    codes[:, 2:14] = 1
    codes[2:, 18:28] = 1
    codes[BRIDGE.slices] = 1
    codes[5:7, 15:17, 3] = 1
    return LabelVolume.from_array(codes, PHASES, (20, 10, 10))


@pytest.fixture
def places(labels: LabelVolume) -> dict[str, Place]:
    found = find_places(Evidence(labels), kinds=["necks", "specks"])
    return {place.kind: place for place in found}


def test_decisions_go_on_after_a_kill(tmp_path: Path, labels: LabelVolume, places: dict[str, Place]) -> None:
    path = tmp_path / "project" / "decisions.jsonl"
    decisions = open_decisions(path, labels)
    decisions.decide(places["necks"], "flip")
    decisions.decide(places["specks"], "ignore")
    decisions.take_back()
    decisions.decide(places["specks"], "accept")
    with path.open("ab") as file:
        file.write(b'{"number":5,"choice":"fl')
    again = open_decisions(path, labels)
    assert [(row.place.id, row.choice, row.to) for row in again.made] == [
        (places["necks"].id, "flip", "void"),
        (places["specks"].id, "accept", ""),
    ]
    assert not again.select_open(places.values())
    again.take_back()
    left = open_decisions(path, labels).select_open(places.values())
    assert [place.id for place in left] == [places["specks"].id]
    assert not again.findings


def test_damaged_line_is_told_and_the_others_hold(
    tmp_path: Path, labels: LabelVolume, places: dict[str, Place]
) -> None:
    path = tmp_path / "decisions.jsonl"
    decisions = open_decisions(path, labels)
    decisions.decide(places["necks"], "flip")
    decisions.decide(places["specks"], "accept")
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], lines[1].replace(b"flip", b"flop"), *lines[2:]]))
    again = open_decisions(path, labels)
    assert [row.choice for row in again.made] == ["accept"]
    assert [finding.kind for finding in again.findings] == ["damaged-decisions"]


def test_nonsense_is_refused(tmp_path: Path, labels: LabelVolume, places: dict[str, Place]) -> None:
    decisions = open_decisions(tmp_path / "d.jsonl", labels)
    for choice, to, error in (
        ("burn", "", SettingsError),
        ("flip", "gold", LabelError),
        ("flip", "solid", SettingsError),
    ):
        with pytest.raises(error):
            decisions.decide(places["specks"], choice, to)
    with pytest.raises(ShapeError, match="move the file away"):
        open_decisions(decisions.path, labels.crop(Box((0, 0, 0), (5, 32, 12))))
    (tmp_path / "other.jsonl").write_text("hello\n", "utf-8")
    with pytest.raises(FormatError):
        open_decisions(tmp_path / "other.jsonl", labels)


def test_corrections_are_a_layer_with_provenance(tmp_path: Path, labels: LabelVolume, places: dict[str, Place]) -> None:
    before = labels.read().copy()
    decisions = open_decisions(tmp_path / "d.jsonl", labels)
    decisions.decide(places["necks"], "flip")
    decisions.decide(places["specks"], "accept")
    expected = before.copy()
    expected[BRIDGE.slices] = 0
    corrected = correct_labels(labels, decisions.made)
    assert np.array_equal(corrected.read(), expected)
    assert np.array_equal(labels.read(), before)
    box = Box((19, 10, 5), (23, 20, 9))
    assert np.array_equal(corrected.read(box), expected[box.slices])
    save_corrected(tmp_path / "corrected.ome.zarr", corrected)
    assert np.array_equal(open_labels(tmp_path / "corrected.ome.zarr").read(), expected)
    step = describe(tmp_path / "corrected.ome.zarr")["provenance"][-1]
    assert step["verb"] == "proofread"
    assert step["parameters"]["voxels"] == {"solid to void": BRIDGE.voxels}
    training = make_training_labels(labels, decisions.made).read()
    known = np.full(before.shape, 255, np.uint8)
    known[BRIDGE.slices] = 0
    known[5:7, 15:17, 3] = 1
    assert np.array_equal(training, known)


def test_drawn_labels_count_where_a_place_is_drawn_again(
    tmp_path: Path, labels: LabelVolume, places: dict[str, Place]
) -> None:
    decisions = open_decisions(tmp_path / "d.jsonl", labels)
    decisions.decide(places["specks"], "redraw")
    drawn = np.full(labels.shape, 255, np.uint8)
    drawn[5, 15:17, 3], drawn[0] = 0, 0
    corrected = correct_labels(labels, decisions.made, LabelVolume.from_array(drawn, PHASES)).read()
    expected = labels.read().copy()
    expected[5, 15:17, 3] = 0
    assert np.array_equal(corrected, expected)


def test_numbers_say_what_corrections_changed(tmp_path: Path, labels: LabelVolume, places: dict[str, Place]) -> None:
    decisions = open_decisions(tmp_path / "d.jsonl", labels)
    decisions.decide(places["necks"], "flip")
    decisions.decide(places["specks"], "flip")
    numbers = remeasure(labels, decisions.made)
    after = correct_labels(labels, decisions.made).read()
    sizes = np.bincount(ndimage.label(after == 1)[0].ravel())[1:]
    fraction, largest = numbers.find("phase-fraction", "solid"), numbers.find("largest-component", "solid")
    assert fraction.after == pytest.approx((after == 1).mean())
    assert largest.after == pytest.approx(sizes.max() / sizes.sum())
    assert largest.before > 0.99
    # The second plate does not begin at the first slice: cut off, it no longer percolates along z.
    assert numbers.find("percolating-fraction", "solid", "z").after == pytest.approx(sizes[0] / sizes.sum())
    assert list(numbers.by_kind) == ["necks", "specks"]
    for number, change in enumerate(numbers.changes):
        parts = [rows[number].difference for rows in numbers.by_kind.values()]
        assert sum(parts) == pytest.approx(change.difference, abs=1e-12)
    (speck,) = (row for row in numbers.by_kind["specks"] if (row.id, row.phase) == ("phase-fraction", "solid"))
    assert speck.difference == pytest.approx(-4 / after.size)
