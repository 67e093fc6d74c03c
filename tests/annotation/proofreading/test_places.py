"""Planted errors come first among their kind, and what is said of them is what counting again gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from keramos.annotation.proofreading import KINDS, Evidence, Place, find_places
from keramos.core import Box, LabelVolume, PhaseTable, Volume
from keramos.core.errors import LabelError, ShapeError
from keramos.core.progress import Progress, Reporter
from keramos.measurements import measure_surface
from keramos.settings.proofread import ProofreadingOptions

PHASES = PhaseTable.from_names(["void", "solid"])
BRIDGE = Box((20, 14, 16), (22, 18, 18))
SPECK = Box((8, 25, 30), (10, 27, 33))
PATCH = Box((28, 30, 8), (34, 38, 16))


def labels_of(codes: NDArray[np.uint8], phases: PhaseTable = PHASES) -> LabelVolume:
    return LabelVolume.from_array(codes, phases, (20, 10, 10))


@pytest.fixture(scope="module")
def planted() -> Evidence:
    """Two plates and a rod of solid: the first plate is tied to the rod by a wrong bridge, a speck floats in the void,
    and a patch of the second plate's face is wrong, of which the model was not sure."""
    codes = np.zeros((40, 44, 44), np.uint8)
    codes[:, 2:14, 4:40] = 1
    codes[6:34, 18:24, 10:24] = 1
    codes[:, 30:42, :] = 1
    unsure = np.full(codes.shape, 5, np.uint8)
    other = codes.copy()
    for box, code in ((BRIDGE, 1), (SPECK, 1), (PATCH, 0)):
        codes[box.slices] = code
        unsure[box.slices] = 220
    # Further places of each kind, which change less: a smaller speck, and a leaf on a stalk.
    codes[30, 27, 30] = 1
    codes[2:4, 25, 4:6] = 1
    codes[4:6, 14:16, 36:38] = 1
    return Evidence(labels_of(codes), Volume.from_array(unsure), labels_of(other))


def test_in_a_box_the_same_places_are_found_and_nothing_that_its_border_cuts(planted: Evidence) -> None:
    whole = {place.id: place for place in find_places(planted)}
    box = Box((6, 10, 0), (34, 44, 40))
    inside = find_places(planted, box=box)
    (speck,) = [place for place in inside if place.box == SPECK]
    assert (speck.id, speck.centre) == (whole[speck.id].id, whole[speck.id].centre)
    codes = planted.labels.read()
    for place in inside:
        assert Box((7, 11, 0), (33, 44, 39)).contains(place.box)
        assert (codes[place.box.slices][place.mask] == PHASES.code(place.phase)).all()
        first = np.argwhere(place.mask)[0] + place.box.start
        assert place.id == "-".join(map(str, (place.phase, *first, place.voxels)))
    assert any(place.box == BRIDGE for place in inside)
    assert find_places(planted, box=planted.labels.box)[0].id == find_places(planted)[0].id
    with pytest.raises(ShapeError, match="no part of the segmentation"):
        find_places(planted, box=Box((0, 0, 0), (41, 9, 9)))


def test_progress_goes_on_from_kind_to_kind(planted: Evidence) -> None:
    told: list[tuple[int, int]] = []

    class Ear(Reporter):
        def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
            return lambda done, total: told.append((done, total))

    find_places(planted, reporter=Ear())
    assert len({total for _, total in told}) == 1
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


@pytest.mark.parametrize(
    ("kind", "box", "to"),
    [
        ("necks", BRIDGE, "void"),
        ("specks", SPECK, "void"),
        ("uncertain", PATCH, "solid"),
        ("disagreement", PATCH, "solid"),
    ],
)
def test_planted_error_comes_first(planted: Evidence, kind: str, box: Box, to: str) -> None:
    first = find_places(planted, kinds=[kind])[0]
    inside = (first.box, first.centre, first.to)
    assert box.contains(first.box), inside
    assert first.to == to
    assert planted.labels.read()[first.box.slices][first.mask].tolist() == [PHASES.code(first.phase)] * first.voxels


def test_a_place_in_doubt_comes_before_a_larger_one_that_is_certain() -> None:
    codes = np.zeros((10, 20, 20), np.uint8)
    codes[:, 12:] = 1
    codes[2:4, 2:4, 2:5] = codes[6, 6:8, 10:13] = 1
    unsure = np.where(np.arange(10)[:, None, None] == 6, 250, 3) * np.ones(codes.shape)
    evidence = Evidence(labels_of(codes), Volume.from_array(unsure.astype(np.uint8)))
    assert [(place.voxels, round(place.doubt, 2)) for place in find_places(evidence, kinds=["specks"])] == [
        (6, 0.98),
        (12, 0.01),
    ]


def test_gap_of_a_cut_rod_comes_first() -> None:
    codes = np.zeros((40, 24, 24), np.uint8)
    codes[:, 8:14, 8:14] = 1
    codes[17:19, 8:14, 8:14] = 0
    codes[3:5, 2:4, 2:4] = 1
    first = find_places(Evidence(labels_of(codes)), kinds=["gaps"])[0]
    assert (first.box, first.to, first.voxels) == (Box((17, 8, 8), (19, 14, 14)), "solid", 72)
    assert first.effect.startswith("flipping it to solid joins ")
    assert first.find("percolating-fraction", "solid", "z").after == pytest.approx(1440 / 1448)


def components(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    labels, _ = ndimage.label(mask)
    return labels, np.bincount(labels.ravel())[1:]


def count_again(codes: NDArray[np.uint8], phase: str, id: str, axis: str) -> float:
    """A quantity from all voxels, with another labelling of components."""
    mask = codes == PHASES3.code(phase)
    if id == "phase-fraction":
        return float(mask.mean())
    labels, sizes = components(mask)
    if not len(sizes):
        return 0.0
    if id == "largest-component":
        return float(sizes.max() / sizes.sum())
    ends = np.moveaxis(labels, "zyx".index(axis), 0)
    through = np.setdiff1d(np.intersect1d(ends[0], ends[-1]), [0])
    return float(sizes[through - 1].sum() / sizes.sum())


PHASES3 = PhaseTable.from_names(["void", "nickel", "YSZ"])


@pytest.fixture(scope="module")
def random() -> Evidence:
    """Three phases with many necks, gaps, specks and doubts."""
    generator = np.random.default_rng(3)
    fields = [ndimage.gaussian_filter(generator.standard_normal((36, 32, 36)), 1.6) for _ in range(3)]
    codes, other = (np.argmax([fields[0] + bias, *fields[1:]], axis=0).astype(np.uint8) for bias in (0.04, 0.0))
    doubt = ndimage.gaussian_filter(generator.standard_normal(codes.shape), 3)
    unsure = np.where(doubt > np.quantile(doubt, 0.9), 200, 10).astype(np.uint8)
    settings = ProofreadingOptions(speck=30, tile=8, extent=16)
    return Evidence(labels_of(codes, PHASES3), Volume.from_array(unsure), labels_of(other, PHASES3), settings)


@pytest.fixture(scope="module")
def places(random: Evidence) -> tuple[Place, ...]:
    return find_places(random)


def test_effects_are_those_of_counting_again(random: Evidence, places: tuple[Place, ...]) -> None:
    before = random.labels.read()
    assert {place.kind for place in places} == set(KINDS)
    worst = [place for kind in KINDS for place in [row for row in places if row.kind == kind][:5]]
    for place in worst:
        after = before.copy()
        after[place.box.slices][place.mask] = PHASES3.code(place.to)
        told = {(change.id, change.phase, change.axis): change for change in place.changes}
        for phase in PHASES3.names:
            ids = [("phase-fraction", ""), ("largest-component", ""), *(("percolating-fraction", a) for a in "zyx")]
            for id, axis in ids:
                pair = [count_again(codes, phase, id, axis) for codes in (before, after)]
                change = told.pop((id, phase, axis), None)
                stated = [change.before, change.after] if change else [pair[0], pair[0]]
                assert stated == pytest.approx(pair), (place.id, id, phase, axis)
        (surface,) = told.values()
        assert surface.after == pytest.approx(measure_surface(labels_of(after, PHASES3), place.phase))


def test_blocks_give_the_same_places_as_the_whole(random: Evidence, places: tuple[Place, ...]) -> None:
    # 48 bytes a voxel, two threads: blocks of 16 slices.
    small = replace(random, options=random.options.replace(memory=48 * 2 * 30_000, threads=1))
    assert [place.to_json(with_mask=True) for place in find_places(small)] == [
        place.to_json(with_mask=True) for place in places
    ]


def test_ids_stay_when_another_place_is_corrected(random: Evidence, places: tuple[Place, ...]) -> None:
    first = next(place for place in places if place.kind == "specks")
    codes = random.labels.read().copy()
    codes[first.box.slices][first.mask] = PHASES3.code(first.to)
    again = {row.id for row in find_places(replace(random, labels=labels_of(codes, PHASES3)), kinds=["specks"])}
    specks = {row.id for row in places if row.kind == "specks"}
    assert first.id not in again
    assert len(specks & again) >= len(specks) - 3


def test_place_survives_json(places: tuple[Place, ...]) -> None:
    row = places[0].to_json(with_mask=True)
    again = Place.from_json(row)
    assert again.to_json(with_mask=True) == row
    assert np.array_equal(again.mask, places[0].mask)


def test_voxels_without_a_label_are_no_place() -> None:
    codes = np.zeros((12, 16, 16), np.uint8)
    codes[:, 8:] = 1
    codes[4:6, 2:4, 2:4] = 255
    assert not find_places(Evidence(labels_of(codes)))


def test_partly_labelled_flat_and_plain_volumes_have_places_or_none() -> None:
    codes = np.zeros((12, 16, 16), np.uint8)
    codes[:, 8:] = 1
    codes[4:6, 2:4, 2:4] = 1
    codes[9:] = 255
    (speck,) = find_places(Evidence(labels_of(codes)))
    assert {change.id for change in speck.changes} == {"phase-fraction", "largest-component", "percolating-fraction"}
    assert speck.find("phase-fraction", "solid").after == 0.5
    (flat,) = find_places(Evidence(labels_of(codes[5:6])))
    assert (flat.kind, flat.voxels) == ("specks", 4)
    for code in (0, 255):
        assert not find_places(Evidence(labels_of(np.full((4, 8, 8), code, np.uint8))))


def test_evidence_of_another_shape_or_phases_is_refused() -> None:
    labels = labels_of(np.zeros((4, 4, 4), np.uint8))
    with pytest.raises(ShapeError, match="same stack"):
        Evidence(labels, uncertainty=Volume.from_array(np.zeros((4, 4, 5), np.uint8)))
    with pytest.raises(LabelError, match="same phases"):
        Evidence(labels, other=labels_of(np.zeros((4, 4, 4), np.uint8), PHASES3))
