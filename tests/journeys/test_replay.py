"""A report's numbers are made again from the page alone, and what differs is told."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pictures import leave_pictures_out

Command = Callable[..., Any]


@pytest.fixture
def page(phantom: Path, keramos: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report on a segmentation with an option of its own, measured without transport, of six slices."""
    leave_pictures_out(monkeypatch)
    images, labels = tmp_path / "images.ome.zarr", tmp_path / "labels.ome.zarr"
    shutil.copytree(phantom / "images.ome.zarr", images)
    asked = ("--model", "otsu", "--remove-specks", 20, "--box", "1:7,0:96,0:96")
    assert keramos("segment", images, *asked, "--out", labels).status == 0
    measured = tmp_path / "quantities"
    assert keramos("quantify", labels, "--no-transport", "--connectivity", 26, "--out", measured).status == 0
    assert keramos("report", labels, "--quantities", measured, "--out", tmp_path / "page.html").status == 0
    return tmp_path / "page.html"


def replayed(keramos: Command, page: Path, out: Path, *more: object) -> dict[str, Any]:
    done = keramos("replay", page, "--out", out, *more, "--json", out.with_suffix(".json"))
    assert done.status == 0, done.notes
    numbers: dict[str, Any] = json.loads(out.with_suffix(".json").read_text("utf-8"))
    return numbers


def test_the_numbers_come_out_again_and_changed_ones_are_told(page: Path, keramos: Command, tmp_path: Path) -> None:
    same = replayed(keramos, page, tmp_path / "again")
    assert same["compared"] > 40
    assert (same["differences"], same["other_inputs"]) == ([], [])
    text = page.read_text("utf-8")
    number = re.search(r'\["phase-fraction","solid","",([0-9.]+)\]', text)
    assert number is not None
    page.write_text(text.replace(number[0], number[0].replace(number[1], "0.5")), "utf-8")
    other = replayed(keramos, page, tmp_path / "other")
    now = pytest.approx(float(number[1]))
    assert other["differences"] == [{"id": "phase-fraction", "phase": "solid", "axis": "", "then": 0.5, "now": now}]


def test_images_that_moved_are_said_and_other_images_are_noticed(
    page: Path, phantom: Path, keramos: Command, tmp_path: Path
) -> None:
    (tmp_path / "images.ome.zarr").rename(tmp_path / "moved.ome.zarr")
    gone = keramos("replay", page, "--out", tmp_path / "gone")
    assert "images.ome.zarr" in gone.complaint
    assert replayed(keramos, page, tmp_path / "a", "--images", tmp_path / "moved.ome.zarr")["differences"] == []
    other = replayed(keramos, page, tmp_path / "b", "--images", phantom / "truth-as-imaged.ome.zarr")
    assert other["other_inputs"] == ["images"]
    assert other["differences"]


def test_each_command_on_the_page_is_one_that_the_command_line_takes(
    page: Path, keramos: Command, tmp_path: Path
) -> None:
    shown = re.findall(r"<code>(.*?)</code>", page.read_text("utf-8"), re.DOTALL)
    lines = [re.sub(r"\s+", " ", re.sub("<[^>]*>", "", text)).strip() for text in shown]
    segment, quantify = ([*shlex.split(line)[1:]] for line in lines if re.match("keramos (segment|quantify)", line))
    assert ["--remove-specks", "20"] == segment[segment.index("--remove-specks") :][:2]
    assert "--no-transport" in quantify
    segment[-1], quantify[-1] = str(tmp_path / "s.ome.zarr"), str(tmp_path / "q")
    assert keramos(*segment).status == 0
    assert keramos(*quantify).status == 0
    was, now = (json.loads((tmp_path / name / "quantities.json").read_text("utf-8")) for name in ("quantities", "q"))
    assert now["quantities"] == was["quantities"]


def test_a_page_without_steps_is_refused(keramos: Command, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>something</p>", "utf-8")
    refused = keramos("replay", tmp_path / "page.html", "--out", tmp_path / "out")
    assert "expected a report with the steps that made it" in refused.complaint
