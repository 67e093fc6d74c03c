"""A notebook that Jupyter's own client executes: reprs, progress below the cell, and silence outside of notebooks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import keramos
from keramos.project.notebook_reporter import choose_reporter

SLOW = """
import time
import keramos
from keramos.project.notebook_reporter import choose_reporter
reporter = choose_reporter()
show = reporter.progress("count <sheep>", "sheep")
for done in range(1, 9):
    time.sleep(0.22)
    show(done, 9)
reporter.note("they are <white>")
"""


def execute(cells: list[str], folder: Path) -> list[list[dict[str, Any]]]:
    """The outputs of each cell."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "IPYTHONDIR": str(folder / "ipython")})
    return [cell["outputs"] for cell in notebook["cells"]]


def test_a_notebook_shows_pictures_tables_and_progress(phantom: Path, tmp_path: Path) -> None:
    segment = f"labels = keramos.segment({str(phantom / 'images.ome.zarr')!r}, 'otsu', out='s.ome.zarr')\nlabels"
    quantify = "measured = keramos.quantify(labels, transport=False)\nmeasured"
    frame = "keramos.to_pandas(measured)[['id', 'value']].head(2)"
    counted, segmented, quantified, tabled = execute([SLOW, segment, quantify, frame], tmp_path)
    assert len(counted) == 1, "the progress is updated in place"
    html = counted[0]["data"]["text/html"]
    assert '<progress value="8" max="9">' in html
    assert "count &lt;sheep&gt;: 8 of 9 sheeps" in html
    assert "they are &lt;white&gt;" in html
    assert counted[0]["data"]["text/plain"] == "they are <white>"
    assert "data:image/png;base64," in segmented[-1]["data"]["text/html"]
    assert "phase fractions" in segmented[-1]["data"]["text/html"]
    assert "specific surface area" in quantified[-1]["data"]["text/html"]
    assert "<table" in tabled[-1]["data"]["text/html"]


def test_outside_of_a_notebook_verbs_are_silent(phantom: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert type(choose_reporter()) is keramos.Reporter
    keramos.check(phantom / "images.ome.zarr")
    assert capfd.readouterr() == ("", "")
