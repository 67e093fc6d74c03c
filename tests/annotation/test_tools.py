"""Each tool against a truth from outside: geometry, SciPy or scikit-image."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from drawings import paint_box, scene_of
from scipy import ndimage
from skimage.filters import threshold_multiotsu
from skimage.morphology import closing, disk
from skimage.segmentation import flood

from keramos.annotation.drawing import TOOLS, UNSURE, Drawing, Edit, VolumeScene, make_edit, make_patches
from keramos.annotation.tools import interpolate
from keramos.annotation.tools.interpolate import interpolate_labels
from keramos.annotation.tools.superpixel import SuperpixelOptions, find_superpixels
from keramos.annotation.tools.tones import divide_into_tones, find_thresholds
from keramos.core import NOT_ANNOTATED, PhaseTable, Volume
from keramos.core.errors import SettingsError
from keramos.core.option_check import choices
from keramos.core.options import list_options

TWO = PhaseTable.from_names(["void", "solid"])
SIZE = 96
Y, X = np.mgrid[:SIZE, :SIZE]


def disc(radius: float, y: float = 47.5, x: float = 47.5) -> np.ndarray:
    return np.hypot(Y - y, X - x) <= radius


def use(
    scene: VolumeScene, tool: str, *points: tuple[float, ...], z: int = 0, phase: int = 1, **options: Any
) -> np.ndarray:
    """The slice after a gesture; the drawing itself does not change."""
    row = {"tool": tool, "z": z, "phase": phase, "points": [list(point) for point in points], "options": options}
    labels = scene.labels(z).copy()
    for patch in make_edit(scene, row).patches:
        if patch.z == z:
            np.testing.assert_array_equal(labels[patch.area], patch.before)
            labels[patch.area] = patch.after
    return labels


@pytest.fixture(scope="module")
def noisy() -> np.ndarray:
    """A bright disc on a dark ground with a bright strip beside it, one slice with noise (1 Y X)."""
    grey = np.where(disc(20) | (X > 75), 160.0, 60.0) + np.random.default_rng(0).normal(0, 8, Y.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)[None]


# Smart fill


def test_smart_fill_fills_the_clicked_disc_and_nothing_else(noisy: np.ndarray) -> None:
    filled = use(scene_of(noisy), "smart_fill", (48, 48), tolerance=25) == 1
    wrong = filled ^ disc(20)
    assert not wrong[np.abs(np.hypot(Y - 47.5, X - 47.5) - 20) > 1.5].any()
    assert filled.sum() == pytest.approx(np.pi * 20**2, rel=0.05)


def test_smart_fill_without_edges_or_holes_is_flood_of_scikit_image(noisy: np.ndarray) -> None:
    smooth = ndimage.gaussian_filter(noisy[0].astype(np.float32), 2)
    low, high = np.percentile(noisy[0][::4, ::4], (1, 99))
    options = {"edge": 100, "holes": 0, "smooth": 2, "tolerance": 20}
    filled = use(scene_of(noisy), "smart_fill", (48, 30), **options) == 1
    # The level at a click is a mean of nine voxels: flood gets it as the value of its seed.
    level = smooth.copy()
    level[30, 48] = smooth[29:32, 47:50].mean()
    np.testing.assert_array_equal(filled, flood(level, (30, 48), tolerance=0.2 * (high - low), connectivity=1))


def test_an_edge_stops_the_fill_where_the_grey_would_let_it_pass() -> None:
    """Two grey levels within the tolerance, a step between them."""
    grey = np.where(X < 48, 100, 130).astype(np.uint8)[None]
    grey[0, :4], grey[0, 4:8] = 0, 255
    stopped = use(scene_of(grey), "smart_fill", (20, 80), tolerance=50, edge=5, holes=0) == 1
    passed = use(scene_of(grey), "smart_fill", (20, 80), tolerance=50, edge=100, holes=0) == 1
    assert stopped[75:90, :46].all()
    assert not stopped[75:90, 51:].any()
    assert passed[75:90].all()


def test_smart_fill_reaches_no_farther_than_told_and_clicks_outside_do_nothing(noisy: np.ndarray) -> None:
    filled = use(scene_of(noisy), "smart_fill", (48, 48), tolerance=25, reach=5) == 1
    assert filled[43:54, 43:54].sum() == filled.sum() > 100
    assert (use(scene_of(noisy), "smart_fill", (-3, 500)) == NOT_ANNOTATED).all()


# Superpixels


def test_superpixels_are_a_partition_that_follows_edges(noisy: np.ndarray) -> None:
    options = SuperpixelOptions(size=8)
    pixels, corner = find_superpixels(noisy[0], (slice(0, SIZE), slice(0, SIZE)), options)
    assert (corner, pixels.shape, pixels.min() > 0) == ((0, 0), (SIZE, SIZE), True)
    for number in np.unique(pixels):
        assert ndimage.label(pixels == number)[1] == 1
    truth = disc(20) | (X > 75)
    counts = np.bincount(pixels.ravel(), truth.ravel()), np.bincount(pixels.ravel())
    majority = (counts[0] > counts[1] / 2)[pixels]
    assert (majority == truth).mean() > 0.98


def test_the_same_superpixels_come_out_whatever_part_is_asked_for() -> None:
    rng = np.random.default_rng(1)
    grey = ndimage.gaussian_filter(rng.normal(0, 1, (300, 420)), 3).astype(np.float32)
    options = SuperpixelOptions(size=10)
    whole, _ = find_superpixels(grey, (slice(0, 300), slice(0, 420)), options)
    part, (y, x) = find_superpixels(grey, (slice(280, 290), slice(300, 330)), options)
    np.testing.assert_array_equal(part, whole[y:, x:])


def test_painting_takes_whole_superpixels_under_the_stroke(noisy: np.ndarray) -> None:
    pixels, _ = find_superpixels(noisy[0], (slice(0, SIZE), slice(0, SIZE)), SuperpixelOptions())
    painted = use(scene_of(noisy), "superpixel", (40, 48), (55, 48)) == 1
    touched = np.unique(pixels[48, 40:56])
    np.testing.assert_array_equal(painted, np.isin(pixels, touched))
    assert (use(scene_of(noisy), "superpixel", (-50, -50)) == NOT_ANNOTATED).all()


# Tones


@pytest.mark.parametrize("count", [2, 3, 4])
def test_tones_are_the_multi_otsu_classes_of_scikit_image(count: int) -> None:
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(mean, 9, 4000) for mean in (40, 90, 150, 220)])
    grey = np.clip(values, 0, 255).astype(np.uint8).reshape(100, -1)
    histogram = np.bincount(grey.ravel(), minlength=256)
    expected = threshold_multiotsu(grey, count, nbins=256)
    # Theirs are the last level of a class, ours the first of the next.
    np.testing.assert_allclose(find_thresholds(histogram, count), expected + 1, atol=1)


def test_one_click_gives_all_voxels_of_a_tone_a_phase(noisy: np.ndarray) -> None:
    drawing = Drawing(noisy.shape, TWO)
    scene = scene_of(noisy, drawing)
    tones = divide_into_tones(noisy[0])
    assert set(np.unique(tones)) == set(range(8))
    clicked = use(scene, "tones", (48, 48), (50, 44))
    np.testing.assert_array_equal(clicked == 1, np.isin(tones, [tones[48, 48], tones[44, 50]]))
    np.testing.assert_array_equal(use(scene, "tones", tone=3) == 1, tones == 3)
    drawing.make(paint_box(drawing, 0, 40, 40, 9, 9, 0))
    assert (use(scene, "tones", (48, 48))[40:49, 40:49] == 0).all()
    assert (use(scene, "tones", (48, 48), keep=False)[40:49, 40:49] == 1).any()
    assert (use(scene, "tones", (-9, 48)) == use(scene, "tones")).all()


def test_a_draft_by_tones_is_nearly_right(noisy: np.ndarray) -> None:
    drawing = Drawing(noisy.shape, TWO)
    scene = scene_of(noisy, drawing)
    for tone in range(8):
        row = {"tool": "tones", "z": 0, "phase": int(tone >= 4), "points": [], "options": {"tone": tone}}
        drawing.make(make_edit(scene, row))
    truth = disc(20) | (X > 75)
    assert (drawing.plane(0) == truth).mean() > 0.97


@pytest.mark.parametrize("grey", [np.full((1, 9, 9), 7, np.uint8), np.eye(9, dtype=np.float32)[None]])
def test_tones_of_plain_slices_are_few(grey: np.ndarray) -> None:
    assert len(np.unique(divide_into_tones(grey[0], smooth=0))) == len(np.unique(grey))


# Copy and interpolate


def draw_plane(drawing: Drawing, z: int, codes: np.ndarray) -> None:
    drawing.make(Edit("plane", make_patches(z, drawing.plane(z), np.ones(codes.shape, bool), codes.astype(np.uint8))))


@pytest.fixture
def stack() -> tuple[Drawing, VolumeScene]:
    drawing = Drawing((9, SIZE, SIZE), TWO)
    return drawing, scene_of(np.zeros((9, SIZE, SIZE), np.uint8), drawing)


def test_labels_are_copied_from_above_and_below(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    draw_plane(drawing, 3, np.where(disc(20), 1, NOT_ANNOTATED))
    draw_plane(drawing, 4, np.where(X < 10, 0, NOT_ANNOTATED))
    drawing.make(paint_box(drawing, 4, 40, 40, 5, 5, UNSURE))
    copied = use(scene, "copy_slice", z=4)
    np.testing.assert_array_equal(copied == 1, disc(20) & (drawing.plane(4) == NOT_ANNOTATED))
    assert (use(scene, "copy_slice", z=4, keep=False) == 1)[disc(20)].all()
    np.testing.assert_array_equal(use(scene, "copy_slice", z=3, side="below") == 0, X < 10)
    part = use(scene, "copy_slice", (0, 0), (0, 50.5), (200, 50.5), (200, 0), z=4, keep=False)
    np.testing.assert_array_equal(part == 1, disc(20) & (Y <= 50))
    for z, side, words in (
        (0, "above", "no slice above slice 0"),
        (8, "below", "no slice below"),
        (6, "above", "no labels"),
    ):
        with pytest.raises(SettingsError, match=words):
            use(scene, "copy_slice", z=z, side=side)


def test_a_cone_is_interpolated_as_a_cone(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    draw_plane(drawing, 1, np.where(disc(10), 1, 0))
    draw_plane(drawing, 7, np.where(disc(34), 1, 0))
    edit = drawing.make(make_edit(scene, {"tool": "interpolate", "z": 4, "phase": 1}))
    assert [patch.z for patch in edit.patches] == [2, 3, 4, 5, 6]
    for z in range(1, 8):
        radius = 10 + 4 * (z - 1)
        wrong = (drawing.plane(z) == 1) ^ disc(radius)
        assert not wrong[np.abs(np.hypot(Y - 47.5, X - 47.5) - radius) > 0.8].any()
    drawing.undo()
    assert drawing.annotated_slices() == (1, 7)


def test_only_the_slice_in_view_can_be_filled_and_errors_say_why(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    draw_plane(drawing, 1, np.where(disc(10), 1, NOT_ANNOTATED))
    with pytest.raises(SettingsError, match="no slice after it has labels"):
        use(scene, "interpolate", z=4)
    draw_plane(drawing, 7, np.where(disc(10), 1, NOT_ANNOTATED))
    with pytest.raises(SettingsError, match="it has labels itself"):
        use(scene, "interpolate", z=7)
    edit = make_edit(scene, {"tool": "interpolate", "z": 3, "phase": 1, "options": {"only": True}})
    assert [patch.z for patch in edit.patches] == [3]
    np.testing.assert_array_equal(use(scene, "interpolate", z=3) == 1, disc(10))


def test_three_phases_partial_labels_and_a_phase_that_ends() -> None:
    first = np.where(X < 30, 0, np.where(X < 60, 1, 2)).astype(np.uint8)
    last = np.where(X < 50, 0, np.where(X < 80, 1, 2)).astype(np.uint8)
    last[:20], first[:20] = NOT_ANNOTATED, NOT_ANNOTATED
    (middle,) = interpolate_labels(first, last, [0.5])
    expected = np.where(X < 40, 0, np.where(X < 70, 1, 2))
    expected[:20] = NOT_ANNOTATED
    np.testing.assert_array_equal(middle[:10], expected[:10])
    np.testing.assert_array_equal(middle[60:], expected[60:])
    island, nothing = np.where(disc(20), 1, 0).astype(np.uint8), np.zeros_like(first)
    for share in (0.25, 0.45):
        # (1 - t) (20 - r) = t 20: the distance inside of the disc against that outside of nothing.
        (shrunk,) = interpolate_labels(island, nothing, [share])
        assert (shrunk == 1).sum() == pytest.approx(np.pi * (20 - 20 * share / (1 - share)) ** 2, abs=60)
    assert not next(interpolate_labels(island, nothing, [0.55])).any()
    np.testing.assert_array_equal(next(interpolate_labels(island, nothing, [0.0])), island)
    np.testing.assert_array_equal(next(interpolate_labels(island, island, [0.3])), island)


def test_labels_between_slices_are_those_of_distances_in_the_whole_slice(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    islands = [
        np.where(disc(9, y, x), 1, np.where(disc(16, y + 4, x), 0, NOT_ANNOTATED)) for y, x in ((5, 60), (22, 71))
    ]
    for z, island in zip((1, 7), islands, strict=True):
        draw_plane(drawing, z, island)
    edit = make_edit(scene, {"tool": "interpolate", "z": 3, "phase": 1, "options": {"only": True}})
    deep = []
    for code in (0, 1, NOT_ANNOTATED):
        edt = ndimage.distance_transform_edt
        one, other = (np.where(i == code, edt(i == code) - 0.5, 0.5 - edt(i != code)) for i in islands)
        deep.append(one * 2 / 3 + other / 3)
    (patch,) = edit.patches
    expected = np.array([0, 1, NOT_ANNOTATED])[np.argmax(np.float32(deep), axis=0)]
    ties = np.diff(np.sort(deep, axis=0), axis=0)[-1] < 1e-5
    filled = np.full(Y.shape, NOT_ANNOTATED)
    filled[patch.area] = patch.after
    np.testing.assert_array_equal(filled[~ties], expected[~ties])


@pytest.mark.parametrize("slices", [1, 30])
def test_filling_takes_no_more_memory_than_it_says_and_is_refused_beyond(
    slices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grey = np.zeros((slices + 2, 400, 500), np.uint8)
    drawing = Drawing(grey.shape, TWO)
    scene = VolumeScene(Volume.from_array(grey), drawing)
    for z, x in ((0, 200), (slices + 1, 300)):
        draw_plane(drawing, z, np.where(np.arange(500) < x, 1, np.where(np.arange(400)[:, None] < 9, NOT_ANNOTATED, 0)))
    row = {"tool": "interpolate", "z": 1, "phase": 1}
    tracemalloc.start()
    drawing.make(make_edit(scene, row))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    most = interpolate.estimate_bytes(400 * 500, 3, slices)
    assert peak < most + 2**21
    drawing.undo()
    monkeypatch.setattr(interpolate, "_MOST_BYTES", most // 2)
    with pytest.raises(SettingsError, match=f"filling {slices} slices of .* takes .* of memory"):
        make_edit(scene, row)


# Smooth and close


def test_smoothing_takes_specks_away_and_leaves_straight_borders(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    rough = (X < 48).astype(np.uint8)
    rough[20, 70], rough[30, 20] = 1, 0
    rough[60:62, 48] = 1
    draw_plane(drawing, 0, rough)
    smooth = use(scene, "smooth", (48, 20), (48, 70), radius=40, strength=2)
    np.testing.assert_array_equal(smooth[10:80, 15:80], (X < 48)[10:80, 15:80])
    untouched = use(scene, "smooth", (48, 90), radius=3, strength=2)
    np.testing.assert_array_equal(untouched, rough)


def test_smoothing_is_the_majority_under_a_gaussian(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    rng = np.random.default_rng(3)
    codes = np.array([0, 1, NOT_ANNOTATED])[rng.integers(0, 3, (SIZE, SIZE))]
    draw_plane(drawing, 0, codes)
    smooth = use(scene, "smooth", (48, 48), radius=30, strength=1.5)
    shares = {code: ndimage.gaussian_filter((codes == code).astype(float), 1.5) for code in (0, 1, NOT_ANNOTATED)}
    best = np.max(list(shares.values()), axis=0)
    under = np.hypot(Y - 48, X - 48) <= 30
    for code, share in shares.items():
        assert (best - share)[under & (smooth == code)].max() < 1e-4
    np.testing.assert_array_equal(smooth[~under], codes[~under])


@pytest.mark.parametrize(("gap", "footprint"), [(5, disk(3)), (9, disk(5))])
def test_gaps_are_closed_as_by_a_disc(gap: int, footprint: np.ndarray, stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    rng = np.random.default_rng(4)
    spots = ndimage.binary_dilation(rng.random((SIZE, SIZE)) < 0.01, iterations=2)
    draw_plane(drawing, 0, np.where(spots, 1, NOT_ANNOTATED))
    closed = use(scene, "close_gaps", (48, 48), radius=500, gap=gap) == 1
    padded = closing(np.pad(spots, 20), footprint)[20:-20, 20:-20]
    np.testing.assert_array_equal(closed, padded)


def test_a_gap_of_its_width_is_closed_and_a_wider_one_is_not(stack: tuple[Drawing, VolumeScene]) -> None:
    drawing, scene = stack
    draw_plane(drawing, 0, np.where((X < 30) | ((X >= 36) & (X < 60)) | (X >= 67), 1, NOT_ANNOTATED))
    drawing.make(paint_box(drawing, 0, 50, 32, 2, 2, 0))
    closed = use(scene, "close_gaps", (48, 48), radius=30, gap=6)
    assert (closed[30:49, 30:36] == 1).all()
    assert (closed[:, 60:67] == NOT_ANNOTATED).all()
    assert (closed[50:52, 32:34] == 0).all()
    assert (closed[:10] != 1).any()


# Accept


def test_a_proposal_is_accepted_whole_under_a_stroke_or_in_an_outline() -> None:
    drawing = Drawing((2, SIZE, SIZE), TWO)
    proposal = np.where(disc(25), 1, 0).astype(np.uint8)
    proposal[:4] = NOT_ANNOTATED
    scene = scene_of(np.zeros((2, SIZE, SIZE), np.uint8), drawing, lambda z: proposal if z == 0 else None)
    drawing.make(paint_box(drawing, 0, 40, 40, 5, 5, UNSURE))
    drawn = drawing.plane(0) != NOT_ANNOTATED
    np.testing.assert_array_equal(use(scene, "accept"), np.where(drawn, UNSURE, proposal))
    np.testing.assert_array_equal(use(scene, "accept", keep=False), proposal)
    np.testing.assert_array_equal(use(scene, "accept", phase_only=True) == 1, (proposal == 1) & ~drawn)
    under = np.hypot(Y - 48, X - 10) <= 12
    np.testing.assert_array_equal(use(scene, "accept", (10, 48), where="stroke") != NOT_ANNOTATED, under | drawn)
    box = use(scene, "accept", (60, 60), (80, 60), (80, 80), (60, 80), where="outline")
    np.testing.assert_array_equal((box != NOT_ANNOTATED) & ~drawn, (X >= 60) & (X < 80) & (Y >= 60) & (Y < 80))
    row = {"tool": "accept", "z": 0, "phase": 1}
    edit = drawing.make(make_edit(scene, row, model="0003"))
    assert (edit.source, edit.phase, edit.details["model"]) == ("accepted", None, "0003")
    assert set(drawing.source_counts()) == {"drawn", "accepted"}
    drawing.make(make_edit(scene, {"tool": "brush", "z": 0, "phase": 0, "points": [[48, 60]]}))
    assert drawing.source_counts()["corrected"] == 113
    with pytest.raises(SettingsError, match="no proposal for slice 1 yet"):
        use(scene, "accept", z=1)


# All tools


BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    # Options that count only beside another one, or where another one lets them.
    ("accept", "radius"): {"where": "stroke"},
    ("eraser", "only"): {"radius": 15},
    ("smart_fill", "holes"): {"tolerance": 7, "edge": 100},
}
OTHER = {("smart_fill", "holes"): 0, ("smart_fill", "edge"): 8.0, ("smart_fill", "reach"): 9}
DRAWN, SLICE = (0, 1, 2, 5), {"copy_slice": 1, "interpolate": 3, "superpixel": 3, "tones": 3, "smart_fill": 3}
POINTS = [[30.0, 20.0], [50.0, 30.0], [40.0, 70.0], [20.0, 60.0]]
OPTIONS = [(tool.name, row.name) for tool in TOOLS.values() for row in list_options(tool.options)]


def other_value(tool: str, declared: Any) -> Any:
    """Another value that an option takes, well away from its default."""
    if (tool, declared.name) in OTHER:
        return OTHER[tool, declared.name]
    if choices(declared.kind):
        return next(value for value in choices(declared.kind) if value != declared.default)
    if declared.kind is bool:
        return not declared.default
    wanted = declared.default * 2.5 if declared.default > 0 else declared.default + 3
    return declared.kind(min(wanted, declared.about.high))


@pytest.fixture(scope="module")
def busy() -> VolumeScene:
    """Six slices of a noisy structure, four of them drawn in part, with gaps, and a proposal for all."""
    rng = np.random.default_rng(5)
    truth = (ndimage.gaussian_filter(rng.normal(size=(6, SIZE, SIZE)), (0, 3, 3)) > 0).astype(np.uint8)
    grey = np.clip(80 + 70 * truth + rng.normal(0, 12, truth.shape), 0, 255).astype(np.uint8)
    drawing = Drawing(truth.shape, TWO)
    for z in DRAWN:
        draw_plane(drawing, z, np.where(rng.random((SIZE, SIZE)) < 0.9, np.where(X < 60, truth[z], 1), NOT_ANNOTATED))
    return VolumeScene(Volume.from_array(grey), drawing, lambda z: truth[z])


@pytest.mark.parametrize(("tool", "name"), OPTIONS)
def test_each_option_of_each_tool_matters(tool: str, name: str, busy: VolumeScene) -> None:
    declared = next(row for row in list_options(TOOLS[tool].options) if row.name == name)
    z = 1 if name == "keep" else SLICE.get(tool, 0)
    beside, results = BESIDE.get((tool, name), {}), []
    for options in (beside, {**beside, name: other_value(tool, declared)}):
        edit = make_edit(busy, {"tool": tool, "z": z, "phase": 1, "points": POINTS, "options": options})
        results.append([(p.z, p.y, p.x, p.after.shape, p.after.tobytes()) for p in edit.patches])
    assert results[0] != results[1]


@pytest.mark.parametrize("tool", list(TOOLS))
def test_each_tool_gives_patches_that_a_drawing_makes_and_takes_back(tool: str, busy: VolumeScene) -> None:
    drawing = busy._drawing
    before = [drawing.plane(z).copy() for z in range(6)]
    edit = drawing.make(make_edit(busy, {"tool": tool, "z": SLICE.get(tool, 0), "phase": 1, "points": POINTS}))
    assert edit.patches
    assert edit.source == TOOLS[tool].source
    drawing.undo()
    np.testing.assert_array_equal([drawing.plane(z) for z in range(6)], before)


@pytest.mark.parametrize("tool", list(TOOLS))
def test_each_tool_bears_any_points(tool: str, busy: VolumeScene) -> None:
    for points in ([], [[-500, -500]], [[0, 0]], [[95, 95], [1000, 95]], [[-1e6, 40], [1e6, 41], [3, 1e6]]):
        edit = make_edit(busy, {"tool": tool, "z": SLICE.get(tool, 0), "phase": 0, "points": points})
        for patch in edit.patches:
            np.testing.assert_array_equal(busy.labels(patch.z)[patch.area], patch.before)
