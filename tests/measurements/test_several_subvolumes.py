"""What is measured in memory is the mean of several subvolumes, with an interval from the spread between them."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.stats import t, ttest_1samp
from shapes import CUBIC, codes_of, volume_of

from keramos.core import Box, LabelVolume
from keramos.measurements import Measurements, quantify_volume, quantity_specs
from keramos.measurements.several_subvolumes import average, spread_boxes
from keramos.settings.quantify import MeasurementOptions

EDGE, SIDE = 14, 40
STARTS = (3, 23)
"""In the middle of each half of the side."""
OPTIONS = MeasurementOptions(transport=False, thickness=True, paths=True, domain=EDGE)


def field(seed: int = 0) -> NDArray[np.bool_]:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((SIDE,) * 3), 1.5)
    return np.asarray(noise > -0.3 * noise.std())


def parts_of(labels: LabelVolume, options: MeasurementOptions) -> list[Measurements]:
    """Each subvolume measured as if it were all there is."""
    boxes = [Box(start, tuple(a + EDGE for a in start)) for start in product(STARTS, repeat=3)]  # type: ignore[arg-type]
    return [quantify_volume(LabelVolume.from_array(labels.read(box), labels.phases, CUBIC), options) for box in boxes]


@cache
def measured() -> tuple[Measurements, list[Measurements]]:
    labels = volume_of(field(), CUBIC)
    return quantify_volume(labels, OPTIONS), parts_of(labels, OPTIONS)


def fractions_of(parts: list[Measurements]) -> NDArray[np.float64]:
    return np.array([part.find("phase-fraction", "solid").value for part in parts])


@pytest.mark.parametrize(
    ("id", "axis"),
    [
        ("mean-local-thickness", ""),
        ("size-r50", ""),
        ("intrusion-r50", "y"),
        ("neck-diameter", "z"),
        ("geodesic-tortuosity", "z"),
        ("geodesic-tortuosity-on-graph", "x"),
    ],
)
def test_the_mean_and_its_interval_are_those_of_a_t_test(id: str, axis: str) -> None:
    """Sizes are means over the phase: each subvolume counts by what it holds of it (the ratio estimator)."""
    whole, parts = measured()
    found = whole.find(id, "solid", axis)
    values = np.array([part.find(id, "solid", axis).value for part in parts])
    weights = fractions_of(parts) if "tortuosity" not in id and id != "neck-diameter" else np.ones(8)
    mean = np.average(values, weights=weights)
    between = ttest_1samp(mean + weights / weights.mean() * (values - mean), 0.0).confidence_interval(0.95)
    assert found.value == pytest.approx(mean, rel=1e-12)
    assert found.interval == pytest.approx((max(float("tortuosity" in id), between.low), between.high), rel=1e-5)
    assert found.standard_error == pytest.approx((between.high - between.low) / 2 / t.ppf(0.975, 7), rel=1e-5)
    assert found.domain == "8 subvolumes, box 3:17,3:17,3:17 to box 23:37,23:37,23:37"


def test_a_large_ball_counts_by_its_volume() -> None:
    """Beside seven small ones; one subvolume without any counts nothing."""
    z, y, x = np.indices((64,) * 3)
    mask = np.zeros((64,) * 3, bool)
    for place in product((16, 48), repeat=3):
        radius = {(16, 16, 16): 12, (48, 48, 48): 0}.get(place, 3)
        mask |= (z - place[0]) ** 2 + (y - place[1]) ** 2 + (x - place[2]) ** 2 <= radius**2 - (radius == 0)
    labels, options = volume_of(mask, CUBIC), MeasurementOptions(transport=False, thickness=True, phase=("solid",))
    parts = quantify_volume(labels, options.replace(domain=24))
    whole = quantify_volume(labels, options.replace(domain=64))
    for id in ("mean-local-thickness", "size-r50"):
        found, true = parts.find(id, "solid"), whole.find(id, "solid").value
        assert found.value == pytest.approx(true, rel=0.12)
        assert found.interval is not None
        assert found.interval[0] < true < found.interval[1]
    (curve,) = [c for c in parts.curves if c.id == "local-thickness"]
    mean = np.dot(curve.columns["diameter"], curve.columns["share"])
    assert parts.find("mean-local-thickness", "solid").value == pytest.approx(mean)


def test_what_fills_a_subvolume_is_larger_than_it_can_tell() -> None:
    mask = np.zeros((40, 40, 40), bool)
    mask[:20] = True
    mask[20:, :, ::2] = True
    found = quantify_volume(volume_of(mask, CUBIC), OPTIONS.replace(phase=("solid",)))
    ids = {row.id for row in found.quantities}
    assert not ids & {"mean-local-thickness", "size-r50", "constrictivity", "neck-diameter"}
    assert not [c for c in found.curves if c.id == "local-thickness"]
    (note,) = [note for note in found.notes if "it fills 4 of 8 subvolumes" in note]
    assert "mean local thickness" in note


def test_what_is_measured_in_a_part_says_so() -> None:
    whole, parts = measured()
    (told,) = [finding for finding in whole.findings if finding.kind == "part-of-volume"]
    assert "8 subvolumes of 14 x 14 x 14 voxels, 34 % of the volume" in told.message
    assert told.message.startswith("mean local thickness and ")
    assert not [finding for finding in parts[0].findings if finding.kind == "part-of-volume"]
    one = quantify_volume(volume_of(field(), CUBIC), OPTIONS.replace(subvolumes=1))
    (told,) = [finding for finding in one.findings if finding.kind == "part-of-volume"]
    assert "the middle 14 x 14 x 14 voxels, 4.3 % of the volume" in told.message
    assert one.find("size-r50", "solid").interval is None
    assert one.find("size-r50", "solid").domain == "box 13:27,13:27,13:27"


def test_the_part_is_that_of_the_annotated_voxels_and_said_once() -> None:
    """8 x 14^3 of 40^3 annotated voxels are 34.3 %, and 14^3 are 4.29 %, whatever lies around them."""
    codes = np.full((48, 40, 60), 255, np.uint8)
    codes[4:44, :, 20:] = field()
    options = OPTIONS.replace(transport=True, phase=("solid",))
    for labels, of in (
        (volume_of(field(), CUBIC), "volume"),
        (codes_of(codes, CUBIC, "void solid"), "annotated voxels"),
    ):
        found = quantify_volume(labels, options)
        (told,) = [finding for finding in found.findings if finding.kind == "part-of-volume"]
        assert "tortuosity factor" in told.message
        assert f"the middle 14 x 14 x 14 voxels, 4.3 % of the {of}" in told.message
        assert f"8 subvolumes of 14 x 14 x 14 voxels, 34 % of the {of}" in told.message
        assert "values of several subvolumes are means" in told.effect
    codes[4:44, :20, 20:40] = 255
    found = quantify_volume(codes_of(codes, CUBIC, "void solid"), OPTIONS.replace(subvolumes=1, phase=("solid",)))
    (told,) = [finding for finding in found.findings if finding.kind == "part-of-volume"]
    share = 100 * 14**3 / (40**3 - 40 * 20 * 20)
    assert f"14 x 14 x 14 voxels, {share:.2g} % of the annotated voxels" in told.message


def test_transport_is_of_the_middle_unless_asked() -> None:
    labels = volume_of(field(), CUBIC)
    options = MeasurementOptions(domain=EDGE, phase=("solid",))
    middle = quantify_volume(labels, options).find("tortuosity-factor", "solid", "z")
    assert (middle.domain, middle.interval) == ("box 13:27,13:27,13:27", None)
    several = quantify_volume(labels, options.replace(subvolumes=2)).find("tortuosity-factor", "solid", "z")
    values = [part.find("tortuosity-factor", "solid", "z").value for part in parts_of(labels, options)]
    assert several.value != pytest.approx(np.mean(values))
    assert several.interval is not None
    assert several.interval[0] < several.value < several.interval[1]
    assert "residual" not in several.method


def tubes(blocked: bool) -> LabelVolume:
    """Tubes along z of several widths, one in the middle of each quarter, the first of them blocked or not."""
    mask = np.zeros((13, 40, 40), bool)
    for (y, x), width in zip(product(STARTS, repeat=2), (4, 6, 8, 10), strict=True):
        mask[:, y + 1 : y + 1 + width, x + 1 : x + 1 + width] = True
        if width == 4:
            mask[3:5, y + 1 : y + 3, x + 1 : x + 5] = False  # half of the tube
            mask[5:6, y : y + 20, x : x + 20] &= not blocked
    return volume_of(mask, CUBIC)


@cache
def of_tubes(blocked: bool) -> tuple[Measurements, NDArray[np.float64], NDArray[np.float64]]:
    """What is measured of four subvolumes with a tube each, their fractions and their relative diffusivities."""
    labels = tubes(blocked)
    options = MeasurementOptions(domain=13, phase=("solid",), subvolumes=2, paths=True, thickness=True)
    whole = quantify_volume(labels, options)
    fractions, diffusivities = [], []
    for y, x in product((3, 24), repeat=2):
        cube = LabelVolume.from_array(labels.read(Box((0, y, x), (13, y + 13, x + 13))), labels.phases, CUBIC)
        alone = quantify_volume(cube, options.replace(subvolumes=1))
        fractions.append(alone.find("phase-fraction", "solid").value)
        diffusivities.append(alone.find("relative-diffusivity", "solid", "z").value)
    return whole, np.array(fractions), np.array(diffusivities)


@pytest.mark.parametrize("blocked", [False, True], ids=["open", "blocked"])
def test_what_follows_from_the_diffusivity_is_that_of_the_means(blocked: bool) -> None:
    whole, fractions, diffusivities = of_tubes(blocked)
    solved, fraction = np.mean(diffusivities), np.mean(fractions)
    assert (diffusivities == 0).sum() == blocked
    assert whole.find("relative-diffusivity", "solid", "z").value == pytest.approx(solved)
    expected = {
        "tortuosity-factor": fraction / solved,
        "formation-factor": 1 / solved,
        "macmullin-number": 1 / solved,
        "bruggeman-exponent": np.log(solved) / np.log(fraction),
    }
    for id, value in expected.items():
        found = whole.find(id, "solid", "z")
        assert found.value == pytest.approx(value, rel=1e-9)
        assert found.domain == "4 subvolumes, box 0:13,3:16,3:16 to box 0:13,24:37,24:37"
        assert found.interval is not None
        assert 1 <= found.interval[0] <= found.value < found.interval[1] < np.inf
    logarithms = {
        "formation-factor": diffusivities / solved,
        "tortuosity-factor": fractions / fraction - diffusivities / solved,
    }
    for id, parts in logarithms.items():
        half = t.ppf(0.975, 3) * parts.std(ddof=1) / 2
        low, high = (max(1, expected[id] * np.exp(sign * half)) for sign in (-1, 1))
        assert whole.find(id, "solid", "z").interval == pytest.approx((low, high), rel=1e-5)


def test_the_method_is_that_of_all_and_not_of_one() -> None:
    row = quantity_specs()["relative-diffusivity"].row(0.2, "solid", "z", method="solved; residual 4.2e-06")
    (mean,) = average([Measurements((row,))] * 4).quantities
    assert mean.quantity.method == quantity_specs()["relative-diffusivity"].method


def test_constrictivity_and_prediction_are_those_of_the_means() -> None:
    whole, parts = measured()
    of = {
        id: np.array([part.find(id, "solid", axis).value for part in parts])
        for id, axis in (("size-r50", ""), ("intrusion-r50", "x"), ("geodesic-tortuosity-on-graph", "x"))
    }
    held = fractions_of(parts)
    bulge, neck = (np.average(of[id], weights=held) for id in ("size-r50", "intrusion-r50"))
    fraction, path = held.mean(), of["geodesic-tortuosity-on-graph"].mean()
    beta = whole.find("constrictivity", "solid", "x")
    assert beta.value == pytest.approx((neck / bulge) ** 2)
    log_parts = 2 * held / fraction * (of["intrusion-r50"] / neck - of["size-r50"] / bulge)
    half = t.ppf(0.975, 7) * log_parts.std(ddof=1) / np.sqrt(8)
    assert beta.interval == pytest.approx((beta.value * np.exp(-half), min(1, beta.value * np.exp(half))), rel=1e-5)
    predicted = whole.find("predicted-relative-diffusivity", "solid", "x")
    assert predicted.value == pytest.approx(fraction**1.15 * beta.value**0.37 / path**4.39)


def test_no_interval_leaves_what_its_quantity_can_be() -> None:
    for results in (measured()[0], of_tubes(False)[0], of_tubes(True)[0]):
        for row in results.quantities:
            least = 1 if re.search("tortuosity|formation|bruggeman", row.id) and "spread" not in row.id else 0
            most = 1 if re.search("constrictivity|diffusivity", row.id) else np.inf
            if "subvolumes" in row.quantity.domain and row.quantity.interval is not None:
                low, high = row.quantity.interval
                assert min(least, row.quantity.value) <= low <= high <= max(most, row.quantity.value), row.id


def test_what_some_lack_is_the_mean_of_the_others_without_an_interval() -> None:
    mask = field()
    mask[:17, :17, :17] &= np.arange(17)[:, None, None] != 9  # nothing passes along z through the first subvolume
    labels = volume_of(mask, CUBIC)
    whole, parts = quantify_volume(labels, OPTIONS), parts_of(labels, OPTIONS)
    values = [row.quantity.value for part in parts for row in part.quantities if _is(row, "geodesic-tortuosity", "z")]
    assert len(values) == 7
    found = whole.find("geodesic-tortuosity", "solid", "z")
    assert found.value == pytest.approx(np.mean(values))
    assert found.interval is None
    (note,) = [note for note in whole.notes if "solid along z" in note]
    assert note.startswith("no geodesic tortuosity,")
    assert "of solid along z in 1 of 8 subvolumes: it does not reach both ends" in note
    assert note.endswith("; means are of those that have a value")
    assert len({re.search("of (solid|void) along .", note)[0] for note in whole.notes}) == len(whole.notes)  # type: ignore[index]
    assert whole.find("geodesic-tortuosity", "solid", "x").interval is not None


def _is(row: object, id: str, axis: str) -> bool:
    return (getattr(row, "id"), getattr(row, "phase"), getattr(row, "axis")) == (id, "solid", axis)  # noqa: B009


def test_curves_are_those_of_all_subvolumes_together() -> None:
    whole, parts = measured()
    for id in ("local-thickness", "continuous-size-distribution", "geodesic-tortuosity-distribution"):
        (pooled,) = [c for c in whole.curves if (c.id, c.phase) == (id, "solid") and c.axis in ("", "z")]
        assert "mean of 8 subvolumes" in pooled.method
    (pooled,) = [c for c in whole.curves if (c.id, c.phase) == ("continuous-size-distribution", "solid")]
    own = [c for part in parts for c in part.curves if (c.id, c.phase) == (pooled.id, "solid")]
    for radius, covered in zip(pooled.columns["radius"], pooled.columns["covered"], strict=True):
        reached = [max([s for r, s in zip(*c.columns.values(), strict=True) if r >= radius], default=0) for c in own]
        assert covered == pytest.approx(np.average(reached, weights=fractions_of(parts)))


def overlap(box: Box, other: Box, gap: int) -> bool:
    """Whether boxes are less than so many voxels apart."""
    ends = zip(box.start, box.stop, other.start, other.stop, strict=True)
    return all(start < stop_2 + gap and start_2 < stop + gap for start, stop, start_2, stop_2 in ends)


@pytest.mark.parametrize("along", [2, 3])
def test_boxes_lie_apart_inside_and_alike_from_both_ends(along: int) -> None:
    within = Box((5, 0, 2), (81, 85, 88))
    boxes = spread_boxes(within, 20**3, along)
    assert len(boxes) == along**3
    count = np.zeros((100, 100, 100), int)
    for box in boxes:
        count[box.slices] += 1
        others = (other for other in boxes if other != box)
        assert not any(overlap(box, other, 4) for other in others)
    inner = count[within.slices]
    assert count.max() == 1
    assert inner.sum() == count.sum() == along**3 * 20**3
    if along == 2:
        assert all(np.array_equal(inner, np.flip(inner, axis)) for axis in range(3))


@pytest.mark.parametrize("shape", [(20, 20, 100), (49, 49, 49), (20, 49, 60)])
def test_where_fewer_than_four_fit_it_is_the_middle(shape: tuple[int, int, int]) -> None:
    assert len(spread_boxes(Box.whole(shape), 20**3, 2)) == 1


def test_boxes_that_would_touch_are_fewer() -> None:
    assert len(spread_boxes(Box.whole((50, 50, 50)), 20**3, 2)) == 8
    assert len(spread_boxes(Box.whole((70, 70, 70)), 20**3, 3)) == 8
