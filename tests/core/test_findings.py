"""Findings as text and as JSON, and a collector that passes each on once."""

from __future__ import annotations

import pytest
from doubles import Notes

from keramos.core import Finding
from keramos.core.progress import FindingCollector, Reporter

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
