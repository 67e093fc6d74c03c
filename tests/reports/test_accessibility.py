"""The report in a real browser by the rules of WCAG 2.2, level AA, and without sideways scrolling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_browser import AXE, CHROMIUM, WINDOWS, find_violations, open_report

from keramos.core import Finding, Quantity
from keramos.measurements import Curve, Measured, Measurements
from keramos.measurements.groups import GroupedSample, compare_samples
from keramos.reports import Comparison, ReportContent, Sample, SamplesContent, write_report, write_samples

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core comes with `npm ci` in tools/page-check"),
]


@pytest.fixture(scope="module")
def file(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with all sections: measurements, a comparison, a chart, findings."""
    rows = (
        Measured("phase-fraction", "phase fraction", Quantity(0.5, "1", "counted", (0.4, 0.6)), "solid"),
        Measured("tortuosity-factor", "tortuosity factor", Quantity(1.5, "1", "solved"), "solid", "z"),
    )
    columns = {"position": (0.0, 50.0, 100.0), "fraction": (0.4, 0.5, 0.6)}
    curves = (
        Curve(
            "phase-fraction-of-slices", "slices", columns, {"position": "nm", "fraction": "1"}, "counted", "solid", "z"
        ),
    )
    measured = Measurements(rows, curves)
    told = replace(
        content,
        measurements=measured,
        measured="Close",
        comparisons=(Comparison("Against the truth", (("Truth", measured), ("Close", measured)), False),),
        findings=(Finding("blank-slice", "slice 3 is blank", "its voxels are void", "leave it out"),),
    )
    target = tmp_path_factory.mktemp("accessible") / "page.html"
    write_report(told, target)
    return target


@pytest.fixture(params=WINDOWS)
def page(request: pytest.FixtureRequest, file: Path) -> Iterator[Any]:
    with open_report(file, request.param) as page:
        yield page


def test_no_rule_of_level_aa_is_broken_and_the_page_is_no_wider_than_the_window(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert find_violations(page) == []


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that compares two groups of two samples."""
    samples = []
    for number, value in enumerate((0.30, 0.32, 0.40, 0.43)):
        rows = [
            Measured(id, id, Quantity(value * by, "1", "counted", (value * by - 0.02, value * by + 0.02)), "pore", axis)
            for id, axis, by in (("phase-fraction", "", 1), ("tortuosity-factor", "z", 5), ("neck-diameter", "", 9))
        ]
        samples.append(GroupedSample(f"s{number}", "fresh" if number < 2 else "aged", Measurements(tuple(rows))))
    target = tmp_path_factory.mktemp("groups") / "page.html"
    told = tuple(Sample(one.name, one.measurements) for one in samples)
    compared = compare_samples(samples)
    write_samples(SamplesContent("fresh and aged", told, comparison=compared, grouped=True), target)
    return target


@pytest.mark.parametrize("window", WINDOWS)
def test_a_comparison_of_groups_breaks_no_rule_and_its_figures_can_be_saved(window: str, groups: Path) -> None:
    with open_report(groups, window) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert find_violations(page) == []
        assert page.locator("#groups button[data-take]").first.is_visible()


def test_a_link_of_the_contents_unfolds_its_section(file: Path) -> None:
    with open_report(file, "desktop") as page:
        assert not page.locator("#facts .fold").get_attribute("open")
        page.click(".contents a[href='#facts-content']")
        assert page.locator("#facts dl").is_visible()


def test_paper_shows_what_was_unfolded_and_no_more(file: Path) -> None:
    with open_report(file, "dark") as page:
        page.emulate_media(media="print")
        assert page.locator("#facts dl").bounding_box() is None
        assert page.locator(".only-print").first.is_visible()  # says that what is folded is not printed
        page.emulate_media(media="screen")
        page.click("#facts .fold > summary")
        page.emulate_media(media="print")
        assert page.locator("#facts dl").bounding_box()["height"] > 20
        assert not page.locator(".contents").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_broken_rule_is_seen(file: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(file.read_text(encoding="utf-8").replace("--faint: #5b6675", "--faint: #c5c6c7"), "utf-8")
    with open_report(spoilt, "desktop") as page:
        assert any(found.startswith("color-contrast") for found in find_violations(page))
