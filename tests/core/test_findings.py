"""Findings as text and as JSON, and a collector that passes each on once."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from doubles import Notes

from keramos.core import Box, Finding, Volume, rank_findings
from keramos.core.errors import FindingError, OptionError
from keramos.core.progress import FindingCollector, Reporter, report_findings

DRIFT = Finding("drift", "slices 3 and 4 drift", "surfaces tilt", "align them", "note", (3, 4))
BLANK = Finding("blank-slice", "slice 7 is blank", "its voxels are void")


def test_json_has_the_keys_that_programs_read() -> None:
    assert DRIFT.to_json() == {
        "kind": "drift",
        "slices": [3, 4],
        "severity": "note",
        "message": "slices 3 and 4 drift",
        "effect": "surfaces tilt",
        "advice": "align them",
    }
    assert Finding.from_json(DRIFT.to_json()) == DRIFT
    assert Finding.from_json(BLANK.to_json()) == BLANK
    with pytest.raises(KeyError, match="effect"):
        Finding.from_json({"kind": "drift", "message": ""})


def test_text_is_one_sentence_with_or_without_advice() -> None:
    assert DRIFT.text == "slices 3 and 4 drift: surfaces tilt; align them"
    assert BLANK.text == "slice 7 is blank: its voxels are void"


def test_a_collector_passes_each_finding_on_once_and_everything_else() -> None:
    notes = Notes()
    collector = FindingCollector(notes)
    for finding in (DRIFT, BLANK, DRIFT):
        collector.finding(finding)
    collector.note("one more")
    assert collector.findings == (DRIFT, BLANK)
    assert notes.notes == [DRIFT.text, BLANK.text, "one more"]


def test_a_collector_passes_progress_on() -> None:
    class Bars(Reporter):
        def progress(self, task: str, unit: str = "block"):  # type: ignore[no-untyped-def]
            return task, unit

    assert FindingCollector(Bars()).progress("score", "slice") == ("score", "slice")


def test_a_fatal_finding_stops_before_any_work_and_is_raised_not_told() -> None:
    notes, fatal = Notes(), Finding("inverted-labels", "bright is void", "all is swapped", "swap them", "fatal")
    with pytest.raises(FindingError, match="bright is void: all is swapped; swap them") as raised:
        report_findings([DRIFT, fatal, BLANK], notes)
    assert (notes.notes, raised.value.finding) == ([DRIFT.text], fatal)


def test_the_gravest_come_first_each_once() -> None:
    assert rank_findings([DRIFT, BLANK, DRIFT]) == (BLANK, DRIFT)


def test_errors_with_more_than_a_sentence_come_back_from_another_process() -> None:
    fatal, option = (pickle.loads(pickle.dumps(error)) for error in (FindingError(BLANK), OptionError("box", "no box")))
    assert (type(fatal), fatal.finding, str(fatal)) == (FindingError, BLANK, BLANK.text)
    assert (option.option, option.fact, str(option)) == ("box", "no box", "box: no box")


def test_a_gap_matters_only_where_both_of_its_sides_are() -> None:
    gap = Finding("missing-slice", "5 is missing", "4 and 6 are taken as neighbours", slices=(4, 5))
    volume = replace(Volume.from_array(np.zeros((10, 2, 2), np.uint8)), findings=(gap,))
    left = {ends: volume.crop(Box((ends[0], 0, 0), (ends[1], 2, 2))).findings for ends in ((0, 5), (5, 9), (4, 6))}
    assert left == {(0, 5): (), (5, 9): (), (4, 6): (gap,)}
    assert volume.crop(Box((3, 0, 0), (8, 2, 2))).crop(Box((2, 0, 0), (4, 2, 2))).findings == ()
