"""The tables of scores, amounts, confusions, facts and steps: numbers as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import LabelVolume, PhaseTable, Volume
from keramos.reports import MethodResult, ReportContent
from keramos.reports.sections.confusion import confusion_tables
from keramos.reports.sections.facts import fact_rows
from keramos.reports.sections.hard_regions import region_rows
from keramos.reports.sections.phase_fraction import fraction_rows
from keramos.reports.sections.provenance import step_rows
from keramos.reports.sections.scores import COLUMNS, boundary_shares, score_rows
from keramos.reports.table import Cell
from keramos.scoring import RegionScore

MakeMethod = Callable[..., MethodResult]
SPACE = "\u00a0"


def test_scores_are_the_counted_ones_with_three_digits(content: ReportContent) -> None:
    wide, close = score_rows(content)
    texts = {column: cell.text for column, cell in zip(COLUMNS, wide.cells, strict=True)}
    # Per row: 32 true columns, 40 found. Columns 31 and 32 are the boundary band, in which 31 is an error.
    assert texts == {
        "IoU": f"{32 / 40:.3f}",
        "IoU excl. boundary": f"{31 / 38:.3f}",
        "Dice": f"{64 / 72:.3f}",
        "Precision": f"{32 / 40:.3f}",
        "Recall": "1.000",
        "Accuracy": f"{56 / 64:.3f}",
    }
    assert wide.name == "Wide"
    assert close.cells[0].text == f"{32 / 33:.3f}"


def test_only_the_iou_shows_its_interval(content: ReportContent) -> None:
    wide, close = score_rows(content)
    assert (wide.cells[0].interval, close.cells[0].interval) == ("0.790–0.810 †", "0.960–0.980 †")
    assert not any(cell.interval for row in (wide, close) for cell in row.cells[1:])


def test_the_best_is_marked_equals_share_it_and_a_single_method_has_no_rival(content: ReportContent) -> None:
    wide, close = score_rows(content)
    assert [cell.best for cell in close.cells] == [True] * 6
    assert [column for column, cell in zip(COLUMNS, wide.cells, strict=True) if cell.best] == ["Recall"]
    (alone,) = score_rows(replace(content, methods=content.methods[1:]))
    assert not any(cell.best for cell in alone.cells)


def test_an_unscored_method_has_dashes_beside_a_scored_one(content: ReportContent) -> None:
    plain = replace(content.methods[0], evaluation=None, seconds_train=None)
    row, _ = score_rows(replace(content, methods=(plain, content.methods[1])))
    assert {cell.text for cell in row.cells} == {"–"}


def test_confusions_are_shares_of_all_scored_voxels(content: ReportContent) -> None:
    wide, _ = confusion_tables(content)
    assert wide.phases == ("void", "solid")
    assert wide.rows == (
        ("void", (("37.5", 24 / 32), ("12.5", 8 / 32))),
        ("solid", (("0.0", 0.0), ("50.0", 1.0))),
    )


def test_a_phase_without_truth_has_no_confusions(method: MakeMethod) -> None:
    three = PhaseTable.from_names(["pore", "YSZ", "nickel"])
    codes: NDArray[np.uint8] = np.arange(64, dtype=np.uint8).reshape(1, 8, 8) % 2
    labels = LabelVolume.from_array(codes, three)
    content = ReportContent("t", Volume.from_array(codes), labels, methods=(method("M", codes, codes, three),))
    ((_, pore), _, (name, nickel)) = confusion_tables(content)[0].rows
    assert [text for text, _ in pore] == ["50.0", "0.0", "0.0"]
    assert (name, nickel) == ("nickel", (("–", 0.0),) * 3)
    assert [cell.text for cell in score_rows(content, "YSZ")[0].cells] == ["1.000", "–", *["1.000"] * 4]
    assert [cell.text for cell in score_rows(content)[0].cells][:5] == ["–"] * 5


def test_the_share_of_errors_at_the_boundary(content: ReportContent) -> None:
    assert boundary_shares(content) == (("Wide", f"12.5{SPACE}%"), ("Close", f"100.0{SPACE}%"))


def test_fractions_compare_each_method_with_the_truth(content: ReportContent) -> None:
    wide, close = fraction_rows(content)
    assert [cell.text for cell in wide.cells] == [
        f"62.5{SPACE}%",
        f"62.5{SPACE}%",
        f"50.0{SPACE}%",
        f"+12.5{SPACE}points",
    ]
    assert close.cells[-1].text == f"+1.6{SPACE}points"


def test_fractions_without_truth_are_counted_from_the_labels(content: ReportContent) -> None:
    codes = np.zeros((4, 32, 64), np.uint8)
    codes[0] = 1
    labels = replace(content.methods[0].labels, source=LabelVolume.from_array(codes, content.methods[0].labels.phases))
    plain = replace(content.methods[0], labels=labels, evaluation=None)
    (row,) = fraction_rows(replace(content, truth=None, methods=(plain,)))
    assert [cell.text for cell in row.cells] == [f"25.0{SPACE}%"]
    beside, _ = fraction_rows(replace(content, methods=(plain, content.methods[1])))
    assert [cell.text for cell in beside.cells] == [f"25.0{SPACE}%", "–", "–", "–"]


def test_facts_begin_with_the_volume_and_a_given_fact_takes_its_place(content: ReportContent) -> None:
    facts = dict(fact_rows(content))
    assert list(facts) == ["Volume", "Voxel size", "Size", "Images"]
    assert facts["Volume"] == "4 × 32 × 64 voxels (z, y, x)"
    assert facts["Voxel size"] == "50 × 20 × 10 nm (z, y, x)"
    assert facts["Size"].replace(SPACE, " ") == "200 nm × 640 nm × 640 nm (z, y, x)"
    given = dict(fact_rows(replace(content, facts={"voxel size": "as the microscope says"})))
    assert "Voxel size" not in given
    assert given["voxel size"] == "as the microscope says"


def test_steps_are_for_reading(content: ReportContent) -> None:
    parameters = {
        "level": 1 / 3,
        "box": None,
        "fresh": True,
        "tile": [8, 0.1 + 0.2],
        "seed": 8493226423593966,
        "noise": {"shot": {"variance": 1.1402873192520735}},
        "list": [{"a": 1}],
    }
    (row,) = step_rows(({"verb": "train", "parameters": parameters},))
    assert row.verb == "train"
    assert dict(row.parameters) == {
        "level": "0.33333",
        "box": "none",
        "fresh": "yes",
        "tile": "8, 0.3",
        "seed": "8493226423593966",
        "noise: shot: variance": "1.1403",
        "list": "a 1",
    }
    assert (row.inputs, row.versions) == ((), ())


def test_regions_show_the_error_of_each_method_and_mark_the_lowest(content: ReportContent) -> None:
    wide, close = content.methods
    assert wide.evaluation is not None
    assert close.evaluation is not None
    found = [
        (RegionScore("valleys", 200, 50, 0.25, 4, 2), RegionScore("islands", 0, 0, None, 0, 0)),
        (RegionScore("valleys", 200, 10, 0.05, 4, 4), RegionScore("islands", 0, 0, None, 0, 0)),
    ]
    methods = tuple(
        replace(m, evaluation=replace(m.evaluation, regions=regions))
        for m, regions in zip((wide, close), found, strict=True)
        if m.evaluation is not None
    )
    rows = region_rows(replace(content, methods=methods))
    share = f"{100 * 200 / wide.evaluation.voxels:.1f}\u00a0%"
    assert [(row.name, *((cell.text, cell.best) for cell in row.cells)) for row in rows] == [
        ("valleys", (share, False), ("25.0\u00a0%", False), ("5.0\u00a0%", True))
    ]
    assert region_rows(content) == ()
    assert region_rows(replace(content, methods=methods[:1]))[0].cells[1:] == (Cell("25.0\u00a0%"),)
