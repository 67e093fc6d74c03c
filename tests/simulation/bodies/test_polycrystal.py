"""The body is given in nm: however it is sampled, it has the same fraction and the same chords."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation import make_phantom
from keramos.simulation.bodies.polycrystal import Polycrystal
from keramos.simulation.smooth_field import centres_nm


def chords(phase: NDArray[np.bool_]) -> float:
    """Mean length in voxels, along the last axis, of runs of the phase that do not touch the border."""
    lengths: list[int] = []
    for row in phase.reshape(-1, phase.shape[-1]):
        edges = np.flatnonzero(np.diff(row.astype(np.int8)))
        inner = np.diff(edges)
        lengths.extend(inner[row[edges[:-1] + 1]] if len(edges) > 1 else [])
    return float(np.mean(lengths))


def test_chords_in_nm_do_not_depend_on_the_voxel_size() -> None:
    coarse, fine = VoxelSize(20, 26.4, 20.8), VoxelSize(40, 20, 15)
    shapes = {coarse: (16, 160, 200), fine: (8, 211, 277)}
    truths = {size: make_phantom(shape, voxel_size=size, seed=1).truth.read() == 1 for size, shape in shapes.items()}
    assert truths[fine].mean() == pytest.approx(truths[coarse].mean(), abs=0.005)
    for phase in (True, False):
        nm = {size: chords(truth == phase) * size.x_nm for size, truth in truths.items()}
        assert nm[fine] == pytest.approx(nm[coarse], rel=0.15)
        rows = {size: chords((truth == phase).swapaxes(1, 2)) * size.y_nm for size, truth in truths.items()}
        assert rows[fine] == pytest.approx(rows[coarse], rel=0.15)


def test_chords_are_those_of_the_paper() -> None:
    solids, voids = [], []
    for seed in (1, 2):
        truth = make_phantom((6, 192, 256), seed=seed).truth.read() == 1
        solids.append(chords(truth))
        voids.append(chords(~truth))
    assert 26 < np.mean(solids) < 46
    assert 9 < np.mean(voids) < 16


def test_a_window_is_part_of_the_same_endless_body() -> None:
    body = Polycrystal(4, names=("pore", "a", "b"), shares=(0.4, 0.6))
    z, y, x = centres_nm(20, 20.0), centres_nm(40, 26.4), centres_nm(50, 20.8)
    whole = body.sample((z, y, x))
    part = body.sample((z[5:], y[7:30], x[20:]))
    window = (slice(5, None), slice(7, 30), slice(20, None))
    assert np.std(whole.solidness) > 20
    assert np.allclose(part.solidness, whole.solidness[window], atol=0.05)
    assert whole.kind is not None and part.kind is not None  # noqa: PT018
    assert np.array_equal(part.kind, whole.kind[window])
    assert whole.tint is not None and part.tint is not None  # noqa: PT018
    assert np.array_equal(part.tint, whole.tint[window])


def test_voids_carry_on_from_slice_to_slice() -> None:
    truth = make_phantom((12, 128, 128), seed=2).truth.read()
    same = [float(np.mean(truth[:-n] == truth[n:])) for n in (1, 3, 10)]
    assert same[0] > 0.95
    assert same[0] > same[1] > same[2]


def test_grains_of_a_composite_belong_to_either_phase_whole() -> None:
    body = Polycrystal(2, names=("pore", "a", "b"), shares=(0.3, 0.7))
    matter = body.sample((centres_nm(60, 40.0), centres_nm(160, 40.0), centres_nm(160, 40.0)))
    kind, tint = matter.kind, matter.tint
    assert kind is not None
    assert tint is not None
    assert np.mean(kind == 0) == pytest.approx(0.3, abs=0.06)
    assert len(np.unique(tint)) > 50
    inside = (np.diff(tint.astype(int), axis=2) == 0) & (np.diff(tint.astype(int), axis=2, prepend=999)[:, :, 1:] == 0)
    same = kind[:, :, 1:] == kind[:, :, :-1]
    assert inside.mean() > 0.3
    assert same[inside].mean() > 0.995, "where the tint stays, the grain and so the phase stay"
    assert same.mean() < 0.99


def test_small_grains_sit_on_surfaces_and_nowhere_else() -> None:
    window = (centres_nm(40, 20.0), centres_nm(100, 26.4), centres_nm(120, 20.8))
    plain, lumpy = (Polycrystal(3, lumps_per_um3=n).sample(window).solidness - 85 for n in (0.0, 35.0))
    grown = (lumpy >= 0) & (plain < 0)
    assert 0.005 < grown.mean() < 0.2
    assert plain[grown].min() >= -90.1, "no farther out than asked"
    assert np.all((lumpy >= 0)[plain >= 0]), "nothing is taken away"
