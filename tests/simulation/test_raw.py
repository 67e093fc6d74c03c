"""Raw slices show the specimen where the truth says that they lie, and nothing else than the truth says is wrong."""

from __future__ import annotations

from dataclasses import replace
from math import radians, sin, tan

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from skimage.registration import phase_cross_correlation

from keramos.core import VoxelSize
from keramos.core.errors import OptionError, SettingsError
from keramos.simulation import Body, PhantomSettings, PhantomStack
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.random_field import RandomField
from keramos.simulation.raw import RawPhantom, RawSettings, RawStack, make_raw_phantom

SIZE = VoxelSize(20, 10, 10)
TOOL = ("shine_through", "redeposition", "edge_brightening", "interaction_volume", "noise", "channelling")
CLEAN = RawSettings(
    (6, 90, 100), raw="thermo", seed=2, severity=0.0, voxel_size=SIZE, thickness_error=0.2, bad_slices=False
)
BODY = RandomField(7, (120.0, 120.0, 120.0))


def make(settings: RawSettings, without: tuple[str, ...] = TOOL) -> RawPhantom:
    return make_raw_phantom(settings, body=BODY, without=without)


def expected(raw: RawPhantom, n: int) -> np.ndarray:
    """The truth at the places that image `n` shows, by linear interpolation of the labels."""
    rows, columns = raw.truth["image_shape"]
    (dy, dx), (top, left) = raw.offsets_px[n], raw.truth["labels"]["origin_px"]
    y, x = np.mgrid[:rows, :columns].astype(float)
    z = np.full(y.shape, raw.z_nm[n] / raw.truth["voxel_size_nm"][0])
    return map_coordinates(raw.labels.read().astype(float), [z, y + dy - top, x + dx - left], order=1)


@pytest.mark.parametrize("frame", ["section", "sheared"])
def test_each_image_shows_the_truth_at_its_place(frame: str) -> None:
    settings = CLEAN.replace(frame=frame, drift_walk=2.0, drift_jitter=1.0, drift_shear=(0.4, -0.7))
    raw = make(settings)
    for n in range(6):
        share = expected(raw, n)
        clear = np.abs(share - 0.5) > 0.3  # away from borders, which labels have to a voxel only
        solid = raw.pictures[n] > 60
        assert np.mean(solid[clear] == (share[clear] > 0.5)) > 0.99
        moved = map_coordinates(share, np.mgrid[:90, :100] + np.array([1.0, 0.0])[:, None, None], order=1)
        assert np.mean(solid == (moved > 0.5)) < np.mean(solid == (share > 0.5)) - 0.005


def test_offsets_are_exact_to_a_fraction_of_a_pixel() -> None:
    """A body that is alike in all sections, moved by the microscope alone: phase correlation finds the step."""
    step = (0.3, -1.6)
    settings = CLEAN.replace(thickness_error=0.0, drift_walk=0.0, drift_jitter=0.0, drift_shear=step)
    raw = make_raw_phantom(settings.replace(shape=(2, 200, 200)), body=RandomField(7, (1e5, 90.0, 90.0)), without=TOOL)
    np.testing.assert_allclose(raw.offsets_px[1] - raw.offsets_px[0], step, atol=1e-9)
    taper = np.outer(np.hanning(200), np.hanning(200))
    first, second = ((picture - picture.mean()) * taper for picture in raw.pictures.astype(float))
    seen, *_ = phase_cross_correlation(second, first, upsample_factor=100, normalization=None)
    np.testing.assert_allclose(seen, -np.array(step), atol=0.06)


def test_a_field_of_view_that_stands_still_shears_the_stack() -> None:
    settings = CLEAN.replace(frame="sheared", drift_shear=(0.0, 0.0))
    raw = make(settings)
    y_nm = 10 / sin(radians(52))
    assert raw.truth["voxel_size_nm"] == pytest.approx([20, y_nm, 10])
    np.testing.assert_allclose(raw.offsets_px[:, 0], raw.z_nm * tan(radians(38)) / y_nm)
    assert raw.truth["rows_per_section"] == pytest.approx(15.6257 / y_nm, abs=1e-4)
    followed = make(settings.replace(frame="section"))
    deviation = followed.z_nm - 20 * np.arange(6)
    assert np.abs(deviation).max() > 4
    np.testing.assert_allclose(followed.offsets_px[:, 0], deviation * tan(radians(38)) / y_nm)


def test_a_blank_a_repeated_and_a_missing_slice() -> None:
    raw = make_raw_phantom(RawSettings((12, 40, 240), raw="thermo", seed=4))
    rows = raw.truth["slices"]
    numbers = [row["number"] for row in rows]
    assert len(raw.images) == len(rows) == 11
    assert sorted(numbers + raw.truth["missing_numbers"]) == list(range(1, 13))
    (blank,) = [n for n, row in enumerate(rows) if row["blank"]]
    (again,) = [n for n, row in enumerate(rows) if row["repeats"]]
    assert raw.pictures[blank].mean() < 15 < min(p.mean() for n, p in enumerate(raw.pictures) if n != blank)
    np.testing.assert_array_equal(raw.pictures[again], raw.pictures[again - 1])
    assert rows[again]["repeats"] == rows[again - 1]["file"]
    assert rows[again]["z_nm"] == rows[again - 1]["z_nm"]
    assert list(np.flatnonzero(~raw.usable)) == sorted([blank, again])
    bars = raw.images[:, 40:]
    changing = (bars != bars[0]).any(axis=(0, 1))
    assert 0 < changing.mean() < 0.5
    assert bars.max() == 255


def test_slabs_can_start_anywhere_and_the_seed_decides() -> None:
    settings = RawSettings((36, 24, 30), raw="thermo", seed=9, severity=0.8)
    slabs = list(RawStack(settings).slabs())
    late = next(RawStack(settings).slabs(1))
    np.testing.assert_array_equal(late.images, slabs[1].images)
    np.testing.assert_array_equal(late.truth, slabs[1].truth)
    other = next(RawStack(settings.replace(seed=10)).slabs(1))
    assert other.images.shape != late.images.shape or (other.images != late.images).any()


def test_without_a_defect_everything_else_stays() -> None:
    settings = RawSettings((4, 40, 60), raw="thermo", seed=1, severity=0.5, bad_slices=False)
    usual, clean = (make_raw_phantom(settings, without=without) for without in ((), ("curtains",)))
    np.testing.assert_array_equal(usual.offsets_px, clean.offsets_px)
    np.testing.assert_array_equal(usual.labels.read(), clean.labels.read())
    change = usual.pictures.astype(int) - clean.pictures
    assert 0 < np.abs(change).mean() < 5
    # Curtains are streaks down the columns: the change is larger from column to column than from row to row.
    assert change.mean(axis=1).std() > 2 * change.mean(axis=2).std()


def test_curtains_move_with_the_specimen() -> None:
    settings = RawSettings((2, 60, 120), raw="thermo", seed=1, severity=1.0, bad_slices=False, drift_shear=(0.0, 8.0))
    settings = settings.replace(drift_walk=0.0, drift_jitter=0.0, thickness_error=0.0, voxel_size=VoxelSize(1, 10, 10))
    settings = settings.replace(solid_fraction=0.97)
    usual, clean = (make(settings, (*TOOL, *more)) for more in ((), ("curtains",)))
    first, second = (usual.pictures.astype(float) - clean.pictures).mean(axis=1)
    assert np.corrcoef(first[8:], second[:-8])[0, 1] > 0.9 > np.corrcoef(first, second)[0, 1] + 0.2


def test_the_body_and_the_microscope_are_those_of_the_usual_phantom() -> None:
    raw = RawStack(RawSettings((4, 24, 24), raw="thermo", seed=5))
    usual = PhantomStack(PhantomSettings((4, 24, 24), seed=5))
    assert raw.even.body == usual.body
    kept = {name: values for name, values in usual.microscope.defects.items() if name in raw.microscope.defects}
    assert raw.microscope == replace(usual.microscope, defects=kept)
    assert set(usual.microscope.defects) - set(kept) == {"slice_thickness", "stage_drift"}


@pytest.mark.parametrize("angle", [20.0, 45.0])
@pytest.mark.parametrize(
    "body",
    [BODY, Fibres(3, long_nm=2e4, spread=0.0, per_um3=0.3), Fibres(3, long_nm=150.0, spread=0.0, thick_nm=4000.0)],
)
def test_bodies_lean(body: Body, angle: float) -> None:
    """What lies 100 nm deeper lies 100 nm x tan(angle) further down; upright it does not."""
    step, y, x = 100 * tan(radians(angle)), np.arange(0.0, 800.0, 10.0), np.arange(0.0, 800.0, 10.0)
    alike = []
    for lean in (angle, 0.0):
        planes = ((np.array([50.0]), y, x), (np.array([150.0]), y + step, x))
        above, below = (body.incline(lean).sample(plane).solidness.ravel() for plane in planes)
        alike.append(np.corrcoef(above, below)[0, 1])
    assert alike[0] > max(0.93, alike[1] + 0.005)


def test_options_that_raw_slices_do_not_have_are_refused() -> None:
    with pytest.raises(OptionError, match="hand_labels: raw slices get no hand labels"):
        RawSettings((4, 24, 24), hand_labels=(1,))
    with pytest.raises(OptionError, match="cutting_order: raw slices are numbered in the order of cutting"):
        RawSettings((4, 24, 24), cutting_order="decreasing")
    with pytest.raises(SettingsError, match="found 'leica'"):
        RawSettings((4, 24, 24), raw="leica")  # type: ignore[arg-type]
