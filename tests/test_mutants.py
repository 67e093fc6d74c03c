"""Every wrong change of `benchmarks/mutants.py` can still be made, and the tests that should notice it are there."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_row_is_of_code_and_tests_that_there_are() -> None:
    changes = runpy.run_path(str(ROOT / "benchmarks" / "mutants.py"))["CHANGES"]
    assert len(changes) > 200
    assert [change.name for change in changes if change.place(ROOT) is None] == [], "change these rows with the code"
    missing = {test for change in changes for test in change.tests if not (ROOT / test.split("::")[0]).is_file()}
    assert missing == set()
