"""Figures for a paper: their widths, fonts, points and limits, read back from the files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from keramos.project.output_kinds import OUTPUT_KINDS, POINT_COLUMNS
from keramos.reports import ReportContent, write_report
from keramos.reports.figure_files import write_figures
from keramos.reports.figure_points import COLUMNS, list_points
from keramos.reports.picture import chart
from keramos.reports.robust_axes import leave_outliers_out
from keramos.reports.slice_plates import slice_plates
from keramos.reports.theme import LIGHT


def draw_line(figure: Figure, _: object) -> None:
    axes = figure.subplots()
    axes.plot([0, 1, 2], [3.0, np.nan, 5.5], label="solid")
    axes.axvline(1, label="a mark")
    axes.set(xlabel="length in µm", ylabel="share", title="along z")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    drawn = chart(draw_line, "The share of solid, along z")
    return {path.name: path for path in write_figures([drawn], tmp_path / "figures")}


def test_a_chart_becomes_two_widths_of_svg_and_pdf_and_its_points(files: dict[str, Path]) -> None:
    name = "the-share-of-solid-along-z"
    kinds = [f"{name}-{width}mm.{kind}" for width in (85, 180) for kind in ("svg", "pdf")]
    assert sorted(files) == sorted([*kinds, f"{name}.csv"])
    for width in (85, 180):
        svg = files[f"{name}-{width}mm.svg"].read_text("utf-8")
        points = float(re.search(r'<svg[^>]* width="([0-9.]+)pt"', svg)[1])  # type: ignore[index]
        assert points / 72 * 25.4 == pytest.approx(width, abs=0.1)
        assert "<text" not in svg, "letters are outlines"
        pdf = files[f"{name}-{width}mm.pdf"].read_bytes()
        box = [float(n) for n in re.search(rb"/MediaBox \[ ?([^\]]*)\]", pdf)[1].split()]  # type: ignore[index]
        assert box[2] / 72 * 25.4 == pytest.approx(width, abs=0.1)
        assert b"/FontFile2" in pdf, "an embedded TrueType font"
        assert b"/Type3" not in pdf


def test_the_points_are_those_of_the_lines_and_of_nothing_else(files: dict[str, Path]) -> None:
    text = files["the-share-of-solid-along-z.csv"].read_text("utf-8")
    assert list(csv.DictReader(io.StringIO(text))) == [
        {"panel": "along z", "line": "solid", "x": x, "y": y, "x axis": "length in µm", "y axis": "share"}
        | {"low": "", "high": ""}
        for x, y in (("0", "3"), ("2", "5.5"))
    ]
    assert COLUMNS == POINT_COLUMNS


def test_error_bars_are_the_ends_of_their_points_and_their_caps_are_none() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.errorbar([0, 1, 2], [3.0, np.nan, 5.0], [[1, 1, 2], [0.5, 1, 3]], xerr=0.1, capsize=3, label="solid")
    axes.errorbar(4, 6, fmt="o", label="bare")
    rows = list(csv.DictReader(io.StringIO(list_points(figure))))
    assert [tuple(row[name] for name in ("line", "x", "y", "low", "high")) for row in rows] == [
        ("solid", "0", "3", "2", "3.5"),
        ("solid", "2", "5", "3", "8"),
        ("bare", "4", "6", "", ""),
    ]


def test_files_are_the_same_again_and_known_as_figures(files: dict[str, Path], tmp_path: Path) -> None:
    again = {
        path.name: path for path in write_figures([chart(draw_line, "The share of solid, along z")], tmp_path / "b")
    }
    assert {name: path.read_bytes() for name, path in again.items()} == {n: p.read_bytes() for n, p in files.items()}
    patterns = OUTPUT_KINDS["figures"].files(tmp_path / "b")
    for path in again.values():
        assert [is_own(path) for pattern, is_own in patterns.items() if path.match(pattern.name)] == [True], path
    (tmp_path / "b" / "mine.csv").write_text("a,b\n1,2\n", "utf-8")
    assert not patterns[tmp_path / "b" / "*.csv"](tmp_path / "b" / "mine.csv")


@pytest.mark.usefixtures("pictures_not_rendered")
def test_the_page_offers_its_points_and_a_report_writes_its_figures(
    content: ReportContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr("keramos.reports.page.write_figures", lambda figures, folder: given.extend((folder, *figures)))
    write_report(content, tmp_path / "page.html", tmp_path / "figures")
    assert given[0] == tmp_path / "figures"
    names = {figure.name for figure in given[1:]}
    assert {"slice-3", "slice-2", "loss-and-iou-during-training"} <= names
    page = (tmp_path / "page.html").read_text("utf-8")
    offered = set(re.findall(r'<a download="([^"]*)\.csv" href="data:text/csv', page))
    assert offered == {name for name in names if not name.startswith("slice-")}
    assert set(re.findall(r'data-take="([^"]*)"', page)) == offered


def test_a_slice_is_drawn_to_scale_with_a_bar(content: ReportContent) -> None:
    plate = slice_plates(replace(content, methods=content.methods[:1]))[0]
    figure = Figure(figsize=(7, 7 * plate.shape))
    plate.draw(figure, LIGHT)
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["Image", "Truth", "Wide"]
    assert all(axes.images[0].get_extent() == [0, 640, 640, 0] for axes in shown)
    assert all(len(axes.artists) == 1 for axes in shown), "a scale bar in each"


@pytest.mark.parametrize(("outliers", "expected"), [(0, "all"), (1, "bulk"), (3, "bulk")])
def test_outliers_do_not_squash_a_chart(outliers: int, expected: str) -> None:
    axes = Figure().subplots()
    y = np.sin(np.linspace(0, 20, 200))
    y[:outliers] = 500
    axes.plot(y)
    leave_outliers_out(axes)
    low, high = axes.get_ylim()
    assert low < -1 < 1 < high < 1.5
    said = [text.get_text() for text in axes.texts]
    assert said == ([] if expected == "all" else [f"{outliers} of 200 points lie beyond"])


def test_a_step_is_no_outlier() -> None:
    axes = Figure().subplots()
    axes.plot(np.repeat([0.0, 1.0], 30))
    before = axes.get_ylim()
    leave_outliers_out(axes)
    assert axes.get_ylim() == before


def test_hostile_names_stay_in_their_cells() -> None:
    figure = Figure()
    figure.subplots().plot([1, 2], [1, 2], label='a,"b"\nc')
    rows: Callable[[str], Any] = lambda text: list(csv.reader(io.StringIO(text)))  # noqa: E731
    assert [row[1] for row in rows(list_points(figure))[1:]] == ['a,"b"\nc'] * 2
