"""The page as a reader meets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import LabelVolume, Phase, PhaseTable, Volume
from keramos.core.errors import StorageError
from keramos.reports import MethodResult, ReportContent, write_report
from keramos.reports.fraction_over_z import fraction_over_z
from keramos.reports.slice_rows import slice_rows

Write = Callable[[ReportContent], str]
Read = Callable[[str], str]
Decode = Callable[[str], NDArray[np.uint8]]
PICTURES = re.compile(r'(?:src|srcset)="([^"]*)"')


def sections(html: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", html)


def test_everything_given_is_on_the_page(page: str, text_of: Read) -> None:
    text = text_of(page).replace("\u2011", "-")
    for expected in [
        "A toy",
        "With Close, solid is segmented with a 3-D IoU (intersection over union) of 0.970 (95 % interval 0.960",
        "Wide 0.800 0.790–0.810 † 0.816 0.889 0.800 1.000 0.875 < 0.1 s 3.2 s",
        "Close 0.970 0.960–0.980 † 1.000 0.985 0.970 1.000 0.984 102 s –",
        "resampled 12 blocks.",
        "† Indicative only",
        "Share of all errors in that band: Wide 12.5 %; Close 100.0 %.",
        "Close: slow to learn",
        "Wide 62.5 % 62.5 % 50.0 % +12.5 points",
        "true void 37.5 12.5 true solid 0.0 50.0",
        "IoU of solid in this slice 0.800",
        "Loss (the error that training minimises) and IoU of Close on the training crops",
        "What was done.",
        "Images toy.tif",
        "Voxel size 50 × 20 × 10 nm (z, y, x)",
        "segment level 0.33333 keramos 1",
        "Somebody (2024)",
    ]:
        assert expected in text


def test_sections_come_in_order(page: str) -> None:
    assert sections(page) == [
        "Scores",
        "In three dimensions",
        "Slices",
        "Fraction of solid",
        "Confusion matrix",
        "Learning curve",
        "Methods to paste",
        "Facts",
        "Provenance",
        "How to cite",
        "References as BibTeX",
    ]


def test_no_number_is_left_raw(page: str, text_of: Read) -> None:
    text = text_of(page)
    assert len(re.findall(r"\d\.\d", text)) > 20
    assert re.findall(r"\d\.\d{6,}|\d[eE][+-]?\d|\bNone\b|\bnan\b", text) == []


def test_the_page_needs_nothing_else(page: str, pixels_of: Decode) -> None:
    pictures = PICTURES.findall(page)
    # Two slices of four pictures, two at the top of the page, and the still of the 3-D view.
    assert len(pictures) == 2 * 4 + 2 + 1
    assert all(pixels_of(uri).std() > 0 for uri in pictures)
    rest = PICTURES.sub("", page).replace('"http://www.w3.org/2000/svg"', "")
    assert (
        re.findall(
            r"<link|<iframe|<image|@import|url\((?!#)|https?:|\bfetch\(|XMLHttpRequest|import\(|<script[^>]*src",
            rest,
        )
        == []
    )
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"" in rest
    assert len(page) < 1_500_000


def test_the_same_content_gives_the_same_pictures(content: ReportContent, page: str) -> None:
    again = fraction_over_z(content)
    assert again is not None
    uris = [panel.uri for row in slice_rows(content) for panel in row.panels]
    assert all(uri in page for uri in [*uris, again.wide, again.narrow, again.table_uri])


@pytest.mark.usefixtures("pictures_not_rendered")
def test_hostile_names_are_text(page_of: Write) -> None:
    evil = '"><script>alert(1)</script>$x^{$'
    table = PhaseTable((Phase("void", "#000000"), Phase(evil, '#ffffff"><script>')), 1)
    table = PhaseTable((Phase("void", "#000000"), Phase(evil, "#ffffff")), 1)
    labels = LabelVolume.from_array(np.eye(8, dtype=np.uint8)[None].repeat(3, axis=0), table)
    curve = ({"step": 0.0, "loss": 1.0}, {"step": 1.0, "loss": 0.5})
    hostile = ReportContent(
        title=evil,
        volume=Volume.from_array(np.arange(192, dtype=np.uint8).reshape(3, 8, 8)),
        methods=(MethodResult(evil, labels, note=evil, curve=curve),),
        facts={evil: evil, "undecodable": "a\udcffb"},
        methods_text=evil,
        citations=(evil,),
        steps=({"verb": evil, "parameters": {evil: evil}, "inputs": {evil: evil}, "versions": {evil: evil}},),
    )
    html = page_of(hostile)
    # Only the page's own: data and code of the 3-D view and of the slice browser, and the code that saves figures.
    assert re.findall(r"<script[^>]*>", html) == [
        '<script type="application/json" id="surface-view-data">',
        '<script type="module">',
        '<script type="application/json" id="slice-browser-data">',
        "<script>",
        '<script type="application/json" id="replay-record">',
        "<script>",
    ]
    assert html.count("</script") == 6
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 12
    assert "a?b" in html


@pytest.mark.usefixtures("pictures_not_rendered")
def test_without_truth_the_page_claims_no_score(content: ReportContent, page_of: Write, text_of: Read) -> None:
    methods = tuple(replace(m, evaluation=None, curve=()) for m in content.methods)
    untold = replace(content, truth=None, methods=methods)
    page = page_of(untold)
    assert sections(page)[:4] == ["Time taken", "In three dimensions", "Slices", "Fraction of solid"]
    text = text_of(page)
    assert "No truth was given, so there are no scores." in text
    assert "Wide < 0.1 s 3.2 s Close 102 s –" in text
    assert "Wide 62.5 % Close 51.6 %" in text
    for absent in ("IoU of solid in this slice", "true positive", "Truth", "95 % interval", "Difference"):
        assert absent not in text


def test_images_alone_make_a_page(content: ReportContent, page_of: Write, text_of: Read) -> None:
    alone = ReportContent("Only images", content.volume)
    page = page_of(alone)
    assert sections(page) == ["Slices", "Facts"]
    assert "No method has segmented this volume yet. Image slice 2 of 0–3" in text_of(page)


def test_without_a_voxel_size_nothing_is_in_nm(
    content: ReportContent, page: str, page_of: Write, text_of: Read
) -> None:
    unsized = replace(content, volume=replace(content.volume, voxel_size=None), truth=None, methods=())
    text = text_of(page_of(unsized))
    assert "pixels are drawn square and there is no scale bar" in text
    assert "Voxel size not known" in text
    assert re.findall(r"\d.nm|\d.µm", text) == []
    assert "drawn square" not in text_of(page)


def test_one_slice_has_no_stack(method: Callable[..., MethodResult], page_of: Write, text_of: Read) -> None:
    codes = np.eye(16, dtype=np.uint8)[None]
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]))
    flat = ReportContent("Flat", Volume.from_array(codes[0] * 90), labels, (), (method("M", codes, codes),))
    page = page_of(flat)
    text = text_of(page)
    assert "with a 2\u2011D IoU (intersection over union) of 1.000" in text
    assert "The only slice Image Truth" in text
    assert "in each slice" not in text
    assert len(PICTURES.findall(page)) == 3 + 1
    assert "The best of each column" not in text, "one method has no rival"


def test_more_than_two_phases_are_each_scored(
    method: Callable[..., MethodResult], page_of: Write, text_of: Read
) -> None:
    three = PhaseTable.from_names(["pore", "YSZ", "nickel"], positive="YSZ")
    truth = (np.arange(24 * 24).astype(np.uint8).reshape(1, 24, 24) // 8) % 3
    labels = truth.copy()
    labels[:, :, ::6] = 0
    methods = (method("A", labels, truth, three), method("B", truth, truth, three))
    content = ReportContent("3", Volume.from_array(truth), LabelVolume.from_array(truth, three), (), methods)
    text = text_of(page_of(content))
    assert "With B, YSZ is segmented" in text
    scores = text.split("Scores of ")
    assert [part.split(".")[0] for part in scores[1:]] == ["YSZ", "pore", "nickel"]
    assert "Accuracy" in scores[1]
    assert "Accuracy Training" not in scores[2]
    assert "predicted pore predicted YSZ predicted nickel" in text


def test_a_page_that_cannot_be_written_says_where(content: ReportContent, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"expected to write .*file, found: a file where a folder should be"):
        write_report(ReportContent("t", content.volume), tmp_path / "file" / "page.html")
    with pytest.raises(StorageError, match="expected to write"):
        write_report(ReportContent("t", content.volume), tmp_path)


def test_a_page_that_fails_to_be_written_leaves_the_earlier_one(
    content: ReportContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "page.html"
    target.write_text("earlier", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        write_report(ReportContent("t", content.volume), target)
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("page.html", "earlier")]
