"""What is said of a finding of which all was said elsewhere: what was seen, all of it, and where the rest is."""

from __future__ import annotations

import pytest

from keramos.apps.cli.console import LogReporter
from keramos.core import Finding

SEEN = (
    "raw states y = 12.6902 nm (tag 34682), but not the thickness of a slice (z)",
    "slices lie 20 nm apart on average (by their positions), but 10 nm was asked for",
    "the solver has not ended: expected at most 100 steps; found more",
)


@pytest.mark.parametrize("seen", SEEN)
def test_what_was_seen_is_said_whole(seen: str, capsys: pytest.CaptureFixture[str]) -> None:
    with LogReporter() as reporter:
        for _ in range(2):
            reporter.remind(Finding("voxel-size", seen, "nothing is measured in nm", "give it"), "all is on the page")
    assert capsys.readouterr().err.splitlines() == [f"warning: {seen} (all is on the page)"]
