"""Sections of the report page: one a file, also from another installed package."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from keramos.core.errors import SettingsError
from keramos.reports import REPORT_SECTIONS, ReportContent, Section, fill, write_report
from keramos.reports.comparison.page import COMPARISON_SECTIONS
from keramos.reports.page import Head, write_page
from keramos.reports.picture import Chart
from keramos.reports.samples.page import SAMPLES_SECTIONS

OUTSIDE = '''
"""Installed beside Keramos: a section that says how deep a stack is."""

from keramos.reports import ReportContent, Section, fill


def _depth(content: ReportContent) -> str | None:
    depth = content.volume.shape[0]
    if depth <= 4:
        return None
    return fill("<p>{{ depth }} slices of <i>{{ name }}</i></p>", depth=depth, name=content.title)


DEPTH = Section("{name}", "How deep", 350, _depth)
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Install a package with a section of that name."""

    def from_outside(name: str) -> None:
        (tmp_path / "depth_section.py").write_text(OUTSIDE.replace("{name}", name))
        facts = tmp_path / "depth_section-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: depth-section\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text("[keramos.report_sections]\ndepth = depth_section\n")
        monkeypatch.syspath_prepend(tmp_path)
        REPORT_SECTIONS.refresh()

    yield from_outside
    sys.modules.pop("depth_section", None)
    monkeypatch.undo()
    REPORT_SECTIONS.refresh()


def headings(page: Path) -> list[tuple[str, str]]:
    return re.findall(
        r'<section id="(.*?)">\s*<details[^>]*>\s*<summary><h2>(.*?)</h2>', page.read_text(encoding="utf-8")
    )


@pytest.mark.usefixtures("pictures_not_rendered")
def test_a_section_from_outside_is_on_the_page_of_the_command(
    install: Callable[[str], None], keramos: Callable[..., Any], phantom: Path, tmp_path: Path
) -> None:
    labels, page = tmp_path / "labels.ome.zarr", tmp_path / "page.html"
    assert keramos("segment", phantom / "images.ome.zarr", "--model", "otsu", "--out", labels).status == 0
    install("depth")
    assert keramos("report", labels, "--out", page, "--no-quantify").status == 0
    names = [name for name, _ in headings(page)]
    assert ("depth", "How deep") in headings(page)
    assert names.index("slices") < names.index("depth") < names.index("phase-fraction")
    assert "<p>8 slices of <i>Segmentation of images.ome.zarr</i></p>" in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("pictures_not_rendered")
def test_a_section_with_nothing_to_show_is_left_out(
    install: Callable[[str], None], content: ReportContent, tmp_path: Path
) -> None:
    install("depth")
    write_report(content, tmp_path / "page.html")
    assert "depth" in REPORT_SECTIONS
    assert "How deep" not in (tmp_path / "page.html").read_text(encoding="utf-8"), "this stack has four slices"


def test_a_section_cannot_take_the_name_of_another(install: Callable[[str], None]) -> None:
    install("scores")
    with pytest.raises(
        SettingsError, match=r"sections named 'scores', found keramos\.reports\.sections\.scores and depth"
    ):
        list(REPORT_SECTIONS)


@pytest.mark.parametrize("sections", [REPORT_SECTIONS, SAMPLES_SECTIONS, COMPARISON_SECTIONS], ids=lambda s: s.plural)
def test_no_two_sections_have_one_place(sections: Any) -> None:
    assert len(sections) > 5
    assert len({section.order for section in sections.values()}) == len(sections)


def test_plain_text_is_escaped_and_html_of_a_template_is_not(tmp_path: Path) -> None:
    sections = {
        "plain": Section("plain", "Plain", 2, lambda text: f"<b>{text}</b>"),
        "filled": Section("filled", lambda text: f"On {text}", 1, lambda text: fill("<b>{{ it }}</b>", it=text)),
    }
    write_page(Head("t", "l"), sections, "<i>", tmp_path / "page.html")
    body = (tmp_path / "page.html").read_text(encoding="utf-8").split("<main>")[1]
    assert "<b>&lt;i&gt;</b>" in body
    assert "&lt;b&gt;&lt;i&gt;&lt;/b&gt;" in body
    assert "<h2>On &lt;i&gt;</h2>" in body
    assert body.index("filled") < body.index("plain")


def test_only_a_page_with_a_scripted_section_allows_scripts(tmp_path: Path) -> None:
    for scripted in (False, True):
        section = Section("one", "One", 1, lambda _: "text", scripted)
        write_page(Head("t", "l"), {"one": section}, None, tmp_path / "page.html")
        assert ("script-src 'unsafe-inline'" in (tmp_path / "page.html").read_text(encoding="utf-8")) == scripted


def test_a_chart_that_can_be_saved_brings_its_script(tmp_path: Path) -> None:
    """Whichever page it is on; a page without any forbids scripts, whatever a user called a file."""
    chart = Chart(Markup("<svg></svg>"), Markup("<svg></svg>"), "sizes of pores", lambda *_: None, "size\n1\n")
    drawn = '{% from "parts.html.j2" import chart_figure %}{% call chart_figure(chart) %}Sizes{% endcall %}'
    bodies = {True: fill(drawn, chart=chart), False: fill("{{ name }}", name='<button type="button" data-take="x">')}
    for saves, body in bodies.items():
        write_page(Head("a", "b"), {"one": Section("one", "One", 1, lambda _, body=body: body)}, None, tmp_path / "a")
        page = (tmp_path / "a").read_text("utf-8")
        assert ("script-src" in page, "button.hidden = false" in page) == (saves, saves)
