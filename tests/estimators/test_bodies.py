"""The bodies that tell a bias, and the estimators on bodies whose numbers follow from geometry."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from keramos.core import PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.estimators import ESTIMATORS, Sample, bodies, reconcile_phase
from keramos.estimators.bodies import Body, draw_balls, draw_whole_balls
from keramos.estimators.cells import list_bodies
from keramos.settings.quantify import MeasurementOptions

CUBIC, FLAT = VoxelSize(10, 10, 10), VoxelSize(20, 10, 10)
PHASES = PhaseTable.from_names(("void", "solid", "binder"))


def sample_of(codes: np.ndarray, size: VoxelSize = CUBIC, code: int = 1, **own: bool) -> Sample:
    options = MeasurementOptions(phase=(PHASES.names[code],), **{"transport": False, **own})
    return Sample(codes.astype(np.uint8), code, PHASES, size, options, Reporter())


@pytest.fixture(scope="module", params=[CUBIC, FLAT], ids=["cubic", "flat"])
def cut(request: pytest.FixtureRequest) -> Body:
    return draw_balls(80.0, request.param)


@pytest.fixture(scope="module")
def whole() -> Body:
    return draw_whole_balls(80.0, CUBIC)


def test_balls_fill_what_they_should(cut: Body, whole: Body) -> None:
    for body, count in ((cut, 27), (whole, 8)):
        assert body.sample.mask.sum() * body.sample.voxel_size.volume_nm3 == pytest.approx(
            count * 4 / 3 * pi * 80**3, rel=0.02
        )


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("crofton-extrapolated", -0.02, 0.02),
        ("crofton-13", 0.02, 0.06),
        ("crofton-3", -0.015, 0.015),
        ("marching-cubes", 0.06, 0.13),
        ("mask-gradient", -0.02, 0.02),
        ("voxel-faces", 0.48, 0.52),
    ],
)
def test_biases_of_surfaces_on_balls(cut: Body, name: str, low: float, high: float) -> None:
    bias = cut.bias(ESTIMATORS[name])
    assert bias is not None
    assert low < bias < high


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("mean-local-thickness", -0.06, -0.02),
        ("mean-chord", -0.01, 0.01),
        ("watershed-by-volume", -0.02, 0.02),
        ("watershed-by-number", -0.02, 0.02),
        ("mean-distance", 0.1, 0.25),
        ("edges-corrected", -0.02, 0.06),
        ("edges-two-thirds", 0.0, 0.08),
        ("tube", 0.04, 0.12),
        ("voxel-edges", 0.5, 0.6),
    ],
)
def test_biases_on_whole_balls(whole: Body, name: str, low: float, high: float) -> None:
    bias = whole.bias(ESTIMATORS[name])
    assert bias is not None
    assert low < bias < high


def two_balls(size: VoxelSize, radius: float, shape: tuple[int, int, int]) -> np.ndarray:
    """Balls at a quarter and at three quarters of a box, 0 elsewhere."""
    box = np.array(shape) * size.zyx
    z, y, x = np.meshgrid(*[(np.arange(n) + 0.5) * d for n, d in zip(shape, size.zyx, strict=True)], indexing="ij")
    apart = [(z - a) ** 2 + (y - b) ** 2 + (x - c) ** 2 for a, b, c in (box / 4, 3 * box / 4)]
    return np.minimum(*apart) <= radius**2


def test_the_bias_is_that_of_balls_as_wide_as_the_phase_in_deep_voxels() -> None:
    """Balls of three voxels' depth, thirty voxels' width: what is told of them is what they have."""
    size, radius, shape = VoxelSize(200, 20, 20), 600.0, (20, 120, 120)
    sample = sample_of(two_balls(size, radius, shape), size)
    found = reconcile_phase(sample, ["surface"], Reporter())
    near, wide = (np.prod((np.array(shape) - step) * size.zyx) for step in (1, 2))
    true = 2e3 * 4 * pi * radius**2 * (2 / near - 1 / wide)  # per cells of pairs one and two apart, extrapolated
    first = found.rows[0]
    assert first.value is not None
    assert first.bias == pytest.approx(first.value / true - 1, abs=0.03)
    assert abs(first.bias) < 0.03
    assert all(one.wanted_nm == one.drawn_nm == pytest.approx(radius, rel=0.05) for one in found.balls["solid"])
    assert "say so" not in found.advice[0].sentence


@pytest.mark.parametrize(
    ("size", "radius", "said"), [(CUBIC, 140.0, "NARROWER"), (VoxelSize(40, 10, 10), 25.0, "WIDER")], ids=str
)
def test_balls_of_another_width_are_said_and_nothing_is_advised(
    size: VoxelSize, radius: float, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too wide to be afforded, or narrower than voxels are deep."""
    monkeypatch.setattr(bodies, "_MOST_VOXELS", 2e4)
    shape = (64, 64, 64) if size == CUBIC else (8, 24, 24)
    found = reconcile_phase(sample_of(two_balls(size, radius, shape), size), ["surface"], Reporter())
    (sentence,) = list_bodies(found)
    assert sentence.count(said) == 2
    assert "as wide as" not in sentence
    assert f"{found.balls['solid'][0].drawn_nm:.3g} nm radius" in sentence
    assert "say so" not in found.advice[0].sentence


def test_a_bias_of_balls_as_wide_as_the_phase_is_advised_on() -> None:
    found = reconcile_phase(sample_of(two_balls(CUBIC, 18.0, (16, 16, 16))), ["surface"], Reporter())
    assert found.rows[0].bias is not None
    assert found.rows[0].bias > 0.05
    assert "too large in these voxels: say so" in found.advice[0].sentence
    assert "as wide as solid on the mean" in list_bodies(found)[0]


def test_fewer_balls_where_they_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their surface and their lines are told all the same; the line of one ball hangs on its direction."""
    monkeypatch.setattr(bodies, "_MOST_VOXELS", 7e4)
    for body, group, low, high in (
        (draw_balls(100.0, CUBIC), "crofton-extrapolated", -0.02, 0.02),
        (draw_whole_balls(100.0, CUBIC), "edges-corrected", -0.05, 0.15),
    ):
        assert body.sample.codes.size < 7e4
        bias = body.bias(ESTIMATORS[group])
        assert bias is not None
        assert low < bias < high


def test_a_plane_along_the_grid() -> None:
    codes = np.zeros((20, 20, 20))
    codes[:10] = 1
    sample = sample_of(codes, FLAT)
    density = 1e3 / (20 * 20)  # one plane in 20 slices of 20 nm
    values = {name: ESTIMATORS[name].measure(sample)[""] for name in ("voxel-faces", "crofton-3", "marching-cubes")}
    assert values["voxel-faces"] == pytest.approx(density)
    assert values["crofton-3"] == pytest.approx(density * 2 / 3)
    # A mesh ends at the outer voxels' centres.
    assert values["marching-cubes"] == pytest.approx(density * (19 / 20) ** 2)
    assert ESTIMATORS["mask-gradient"].measure(sample)[""] == pytest.approx(density)


def test_the_border_counts_where_a_program_counts_it() -> None:
    codes = np.zeros((24, 24, 24))
    codes[:12] = 1
    sample = sample_of(codes)
    # A box of 24 x 24 x 12: its two large faces and its four sides.
    area = 2 * 24 * 24 + 4 * 24 * 12
    found = ESTIMATORS["marching-cubes-blurred-with-border"].measure(sample)[""]
    assert found == pytest.approx(1e3 * area * 100 / (24**3 * 1000), rel=0.05)


def test_a_straight_line_of_three_phases() -> None:
    codes = np.zeros((16, 16, 16))
    codes[:, 8:] = 1
    codes[:, 8:, 8:] = 2
    sample = sample_of(codes, FLAT)
    density = 1e6 / (15 * 15 * 100)  # one line through 15 x 15 cells of 10 x 10 nm
    assert ESTIMATORS["voxel-edges"].measure(sample)[""] == pytest.approx(density)
    assert ESTIMATORS["edges-two-thirds"].measure(sample)[""] == pytest.approx(density * 2 / 3)
    assert ESTIMATORS["edges-corrected"].measure(sample)[""] == pytest.approx(density, rel=0.01)


def test_percolation_through_corners_only() -> None:
    codes = np.zeros((8, 8, 8))
    codes[np.arange(8), np.arange(8), np.arange(8)] = 1
    sample = sample_of(codes)
    shares = {name: ESTIMATORS[f"percolating-{name}"].measure(sample) for name in (6, 18, 26)}
    assert shares == {6: dict.fromkeys("zyx", 0.0), 18: dict.fromkeys("zyx", 0.0), 26: dict.fromkeys("zyx", 1.0)}
    codes[np.arange(7), np.arange(7), np.arange(1, 8)] = 1  # steps through edges
    codes[np.arange(1, 8), np.arange(7), np.arange(1, 8)] = 1
    stairs = sample_of(codes)
    assert ESTIMATORS["percolating-18"].measure(stairs)["z"] == 1.0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_paths_through_a_straight_channel(axis: int) -> None:
    codes = np.zeros((40, 24, 24))
    codes[:, 8:16, 8:16] = 1
    straight = sample_of(np.moveaxis(codes, 0, axis), FLAT, transport=True, paths=True)
    along, across = "zyx"[axis], "zyx"[axis - 1]
    for name in ("tortuosity-factor", "geodesic", "geodesic-on-graph", "medial-axis", "centroid-path"):
        values = ESTIMATORS[name].measure(straight)
        assert values[along] == pytest.approx(1, abs=0.01), name
        assert values[across] is None, name


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_paths_through_a_slanted_channel(axis: int) -> None:
    # 45 degrees in the voxels, across voxels of 20 nm where they are deep.
    codes = np.zeros((40, 24, 60))
    for z in range(40):
        codes[z, 8:16, 8 + z : 16 + z] = 1
    sample = sample_of(np.moveaxis(codes, 0, axis), FLAT, transport=True, paths=True)
    along, across = (FLAT.zyx[axis], FLAT.zyx[1 if axis == 2 else 2])
    true = np.hypot(along, across) / along
    name = "zyx"[axis]
    assert ESTIMATORS["centroid-path"].measure(sample)[name] == pytest.approx(true, rel=0.01)
    assert ESTIMATORS["medial-axis"].measure(sample)[name] == pytest.approx(true, rel=0.08)
    factor, root = (ESTIMATORS[one].measure(sample)[name] for one in ("tortuosity-factor", "indirect-tortuosity"))
    assert factor is not None
    assert root == pytest.approx(factor**0.5)
    assert factor > true


@pytest.mark.parametrize("times", [2.0, 0.5])
def test_units_scale(cut: Body, times: float) -> None:
    sample = cut.sample
    scaled = Sample(
        sample.codes, 2, sample.phases, VoxelSize(*(times * d for d in sample.voxel_size.zyx)), sample.own, Reporter()
    )
    powers = {"1/um": -1, "nm": 1, "1": 0}
    for one in ESTIMATORS.values():
        if one.group not in ("surface", "percolation"):
            continue
        for (axis, value), after in zip(one.measure(sample).items(), one.measure(scaled).values(), strict=True):
            assert value is not None
            assert after == pytest.approx(value * times ** powers[one.unit], rel=1e-5), (one.name, axis)
