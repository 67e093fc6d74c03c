"""The way from a stack to a report in the page: every step by mouse or key, in Chromium, with real worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import studio_journey as journey
from studio_browser import Browser, run_studio
from studio_page import open_page

from keramos.io import open_labels, save_volume
from keramos.simulation import Phantom, make_phantom

pytestmark = pytest.mark.chromium

Z = 6


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom((12, 128, 160), seed=5)


@pytest.fixture(scope="module")
def served(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("journey")
    save_volume(folder / "stack.ome.zarr", phantom.images)
    with run_studio(folder / "stack-studio", folder / "stack.ome.zarr") as browser:
        yield browser


@pytest.fixture(scope="module")
def page(served: Browser) -> Iterator[Any]:
    with open_page(served) as opened:
        yield opened
        assert opened.problems == []


def leave(_: str) -> None:
    """No picture."""


def test_from_a_stack_to_a_report(page: Any, served: Browser, phantom: Phantom) -> None:
    drawing = served.studio.editor.drawing
    journey.draft(page, Z, 4, leave)
    drafted = np.array(drawing.plane(Z))
    assert set(np.unique(drafted)) == {0, 1}
    grey = phantom.images.read()[Z]
    assert grey[drafted == 0].mean() < grey[drafted == 1].mean()

    line = [(40.0, 40.0), (70.0, 60.0)]
    journey.draw(page, Z, [(1, line), (2, [(20.0, 90.0), (60.0, 100.0)])], leave)
    assert drawing.plane(Z)[50, 55] == 0
    journey.undo(page, 2)
    assert np.array_equal(drawing.plane(Z), drafted)

    journey.learn(page, Z, leave)
    journey.accept(page, Z + 2, leave)
    accepted = journey.codes_of(page, drawing, Z + 2)
    truth = phantom.shown.read()[Z + 2]
    assert np.mean(accepted == truth) > 0.8
    assert drawing.source_counts()["accepted"] > 0

    journey.run(page, "segment", "Segment the stack", leave)
    outputs = list((served.studio.workspace.folder / "runs").glob("*segment*/*.ome.zarr"))
    assert len(outputs) == 1
    assert open_labels(outputs[0]).shape == (12, 128, 160)
    journey.proofread(page, "proposal", leave)
    journey.run(page, "report", "Write the report", leave)
    pages = list((served.studio.workspace.folder / "runs").glob("*report*/*.html"))
    assert len(pages) == 1
    assert Path(pages[0]).stat().st_size > 10_000
