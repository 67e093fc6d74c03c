"""The comparison's tables, claims and drawings, on results whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from keramos.core import VOID_SOLID, Box, Finding
from keramos.networks import build_network
from keramos.networks.traced import Layer, trace_layers
from keramos.reports.comparison import ComparisonContent, Method
from keramos.reports.comparison.numbers import comparison_numbers
from keramos.reports.comparison.reasons import claims
from keramos.reports.comparison.sections.confusion import confusion_tables
from keramos.reports.comparison.sections.networks import joins
from keramos.reports.comparison.tables import (
    case_rows,
    fraction_error,
    mean_change,
    mean_slice_to_slice_iou,
    table_1,
    table_2,
)
from keramos.scoring import ScoreSettings, finish, measure
from keramos.scoring.crop_scores import compute_crop_scores
from keramos.scoring.hard_cases import HardCases

TRUTH = np.repeat(np.array([[0, 1, 1, 1]], np.uint8), 40, axis=0).repeat(10, axis=1)  # three quarters are solid
CASES = HardCases(0.2, 0.1, 0.1, 0.1, 50, 0.5, 100, 0.3)


def method(name: str, title: str, iou_percent: int, **more: object) -> Method:
    """Of 100 solid voxels in each crop `iou_percent` are found, none is invented."""
    counts = np.array([[[30, 0], [100 - iou_percent, iou_percent]]] * 4)
    sets = [counts, counts + np.array([[0, 0], [1, -1]])]
    whole = Box.whole((1, *TRUTH.shape))
    settings = ScoreSettings.of(VOID_SOLID, (1, *TRUTH.shape))
    found = TRUTH.copy()
    found[:4] = 0  # a tenth of the solid is missed
    evaluation = finish(
        measure(found[None], TRUTH[None], read=whole, core=whole, settings=settings), settings, resamples=20
    )
    values = {"cases": CASES, "evaluation": evaluation, "labels": found, "curves": None, **more}
    return Method(name, title, compute_crop_scores(sets, 1), **values)  # type: ignore[arg-type]


def content(*methods: Method, preset: str = "laptop") -> ComparisonContent:
    return ComparisonContent(
        title="toy",
        phases=VOID_SOLID,
        train=(TRUTH * 100, TRUTH),
        test=(TRUTH * 100, TRUTH),
        voxel_size=None,
        methods=methods,
        successes=(),
        failures=(),
        sets=2,
        crops_per_set=4,
        crop_edge=10,
        preset=preset,
    )


ALONG = {"fractions": (0.7, 0.72, 0.71), "slice_to_slice_iou": (0.9, None)}


def test_table_1_has_means_spreads_and_the_best_marked() -> None:
    rows = table_1(content(method("otsu", "Otsu", 70), method("unet", "U-Net", 90, trainings=(0.9, 0.92))))
    assert [row.name for row in rows] == ["Otsu", "U-Net"]
    precision, recall, iou, pooled, whole, trainings = rows[1].cells
    assert (iou.text, iou.interval) == ("0.8950", "± 0.0071")  # 0.90 and 0.89
    assert precision.text == "1.0000"
    assert recall.text == pooled.text == iou.text
    assert whole.text == "0.900"
    assert (trainings.text, trainings.interval) == ("0.9100", "± 0.0141, 2 seeds")
    assert iou.best
    assert not rows[0].cells[2].best
    assert rows[0].cells[5].text == "–"


def test_table_2_tells_how_smooth_the_stack_is() -> None:
    one = method("otsu", "Otsu", 70, **ALONG)
    assert mean_change(one) == pytest.approx(0.015)
    assert mean_slice_to_slice_iou(one) == pytest.approx(0.9)
    assert fraction_error(one) == pytest.approx(-0.075)
    (row,) = table_2(content(one, method("unet", "U-Net", 90)))
    assert [cell.text for cell in row.cells] == ["0.7100", "0.0150", "0.9000", "−7.5\u00a0points"]
    assert row.cells[0].interval == "± 0.0100"


def test_confusions_are_per_cent_of_all_pixels() -> None:
    (table,) = confusion_tables(content(method("unet", "U-Net", 90)))
    shares = [[float(text) for text, _ in cells] for _, cells in table.rows]
    assert shares == [[23.1, 0.0], [8.1, 68.8]]


def test_failures_are_per_cent_and_none_is_called_best() -> None:
    (row,) = case_rows(content(method("otsu", "Otsu", 70)))
    assert [cell.text.replace("\u00a0", " ") for cell in row.cells] == [
        "20.0 %",
        "10.0 %",
        "10.0 %",
        "10.0 %",
        "50.0 %",
        "30.0 %",
    ]
    assert not any(cell.best for cell in row.cells)


PAPER_LIKE = (
    ("otsu", "Otsu", 61),
    ("sauvola", "Sauvola", 92),
    ("fcn32s", "FCN-32s", 80),
    ("fcn16s", "FCN-16s", 86),
    ("fcn8s", "FCN-8s", 91),
    ("unet", "U-Net", 95),
)


def test_the_order_is_seen_or_what_is_swapped_is_said() -> None:
    methods = [method(*row) for row in PAPER_LIKE]
    assert claims(content(*methods))[0].seen
    swapped = [method(*row) if row[0] != "sauvola" else method("sauvola", "Sauvola", 70) for row in PAPER_LIKE]
    claim = claims(content(*swapped))[0]
    assert not claim.seen
    assert claim.otherwise.startswith(
        "Unlike in the paper: Sauvola below FCN-32s, Sauvola below FCN-16s and Sauvola below FCN-8s."
    )
    assert claims(content(*methods))[0].otherwise == ""


def test_reasons_follow_the_counted_cases() -> None:
    shaded = replace(
        CASES,
        false_negative_rate_dark=0.9,
        false_negative_rate_bright=0.01,
        false_positive_rate_bright=0.4,
        shading=0.8,
    )
    blind, sharp = (
        replace(CASES, small_detection_rate=0.0),
        replace(CASES, small_detection_rate=0.6, bright_false_positive_rate=0.1),
    )
    made = (
        method("otsu", "Otsu", 61, cases=shaded, fractions=(0.6, 0.7, 0.6)),
        method("sauvola", "Sauvola", 92, cases=CASES, fractions=(0.7, 0.71, 0.7)),
        method("fcn32s", "FCN-32s", 80, cases=blind),
        method(
            "fcn8s", "FCN-8s", 91, cases=sharp, layers=trace_layers(build_network("fcn8s", {"width": 2, "head": 4}), 32)
        ),
    )
    found = {claim.says[:12]: claim for claim in claims(content(*made))}
    assert found["Otsu fails o"].seen
    assert found["FCN-32s lose"].seen
    assert found["Otsu's fract"].seen
    bright = found["Sauvola take"]
    assert not bright.seen, "its fraction is too small here, not too large"
    even = replace(made[0], cases=replace(shaded, false_positive_rate_bright=0.12), fractions=(0.7, 0.705, 0.7))
    found = {claim.says[:12]: claim for claim in claims(content(even, *made[1:]))}
    assert not found["Otsu fails o"].seen, "one side alone is no gradient"
    assert "differ by 80.0" in found["Otsu fails o"].otherwise
    assert not found["Otsu's fract"].seen
    assert found["Otsu's fract"].otherwise


def test_only_what_was_compared_is_claimed() -> None:
    assert claims(content(method("compact", "Compact U-Net", 95))) == ()


@pytest.mark.parametrize(("name", "count"), [("fcn32s", 0), ("fcn16s", 1), ("fcn8s", 2), ("unet", 4)])
def test_arrows_join_what_the_networks_join(name: str, count: int) -> None:
    settings = {"width": 4} if name == "unet" else {"width": 4, "head": 8}
    layers = trace_layers(build_network(name, settings), 64).layers
    found = joins(layers)
    assert len(found) == count
    for start, end in found:
        assert layers[start].edge == layers[end].edge
        assert layers[start].kind == ("convolution" if name == "unet" else "pool")


def test_a_plain_chain_has_no_arrow() -> None:
    chain = [Layer("convolution", 1, 4, 32), Layer("pool", 4, 4, 16), Layer("convolution", 4, 8, 16)]
    assert joins(chain) == []


def test_numbers_are_json_and_complete() -> None:
    import json

    made = comparison_numbers(content(method("otsu", "Otsu", 70, **ALONG), method("unet", "U-Net", 90)))
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert made["methods"]["otsu"]["stack"]["mean_fraction"] == pytest.approx(0.71)
    assert made["methods"]["unet"]["stack"] is None
    assert made["methods"]["unet"]["confusion_percent"][1][1] == pytest.approx(68.8462, abs=1e-3)


def test_findings_are_among_the_numbers() -> None:
    finding = Finding("inverted-labels", "void is the bright phase", "all is exchanged", "exchange them")
    doubted = replace(content(method("otsu", "Otsu", 60)), findings=(finding,))
    assert comparison_numbers(doubted)["findings"] == [finding.to_json()]
