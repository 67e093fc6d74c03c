"""Measured quantities on the page: values with units and intervals, differences of samples, prose, charts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from keramos.core import Finding, Quantity
from keramos.measurements import Curve, Measured, Measurements, curve_specs, quantity_specs
from keramos.reports import Comparison, ReportContent
from keramos.reports.microstructure import MethodsProse, charts, headline_groups, methods_prose
from keramos.reports.microstructure.charts import chart_panels
from keramos.reports.microstructure.figures import bounds_text, number, spell_out, value_text
from keramos.reports.microstructure.panels import StyledLine
from keramos.reports.microstructure.samples_table import difference_interval, sample_rows

Write = Callable[[ReportContent], str]
Read = Callable[[str], str]


def row(id: str, quantity: Quantity, phase: str = "", axis: str = "") -> Measured:
    return Measured(id, quantity_specs()[id].name, quantity, phase, axis)


def curve(id: str, columns: dict[str, list[float]], phase: str = "void", axis: str = "") -> Curve:
    return Curve(id, curve_specs()[id].name, columns, {}, "", phase, axis)


def quantities(fraction: float = 0.25, half: float = 0.04) -> tuple[Measured, ...]:
    surface = Quantity(3.5, "1/um", "Crofton's formula over 13 directions", (3.0, 4.0))
    residuals = [
        Quantity(2.0 + i, "1", f"finite volumes; residual {i + 1}.5e-06", domain="box 0:8,0:8,0:8") for i in (0, 1)
    ]
    return (
        row("phase-fraction", Quantity(fraction, "1", "voxels counted", (fraction - half, fraction + half)), "void"),
        row("specific-surface-area", surface, "void"),
        row("tortuosity-factor", residuals[0], "void", "y"),
        row("tortuosity-factor", residuals[1], "void", "x"),
        row("euler-number", Quantity(-1234, "1", "configurations"), "void"),
        row("triple-phase-boundary-length", Quantity(0.5, "1/um2", "points where three phases meet")),
        Measured("something-new", "something new", Quantity(7.25e-9, "nm", "magic"), "void"),
    )


def all_curves() -> tuple[Curve, ...]:
    ramp = [1.0, 2.0, 3.0]
    curves = []
    for phase in ("void", "solid"):
        for axis in ("z", "y", "x"):
            curves += [
                curve("phase-fraction-of-slices", {"position": ramp, "fraction": ramp}, phase, axis),
                curve("chord-length-distribution", {"length": ramp, "chords": ramp}, phase, axis),
                curve("two-point-correlation", {"distance": ramp, "covariance": ramp[::-1]}, phase, axis),
            ]
        spread = {"edge": ramp, "volume": ramp, "standard deviation": ramp[::-1]}
        curves += [
            curve("phase-fraction-spread", spread, phase),
            curve("local-thickness", {"diameter": ramp, "share": [0.5, 0.25, 0.25]}, phase),
            curve("component-sizes", {"volume": ramp, "components": ramp}, phase),
        ]
    return tuple(curves)


@pytest.fixture
def measured(content: ReportContent) -> ReportContent:
    thin = Finding("thin-volume", "2 voxels along z", "sizes are those of this piece", "measure a deeper volume")
    found = Measurements(quantities(), notes=("no factor along z: residual 9e-06",), findings=(thin,))
    return replace(content, measurements=found, measured="the truth")


@pytest.mark.usefixtures("pictures_not_rendered")
def test_the_table_shows_value_unit_and_interval(measured: ReportContent, page_of: Write, text_of: Read) -> None:
    page = page_of(measured)
    text = text_of(page).replace("\u00a0", " ")
    sections = re.findall(r"<h2>(.*?)</h2>", page)
    assert sections[:4] == ["Scores", "In three dimensions", "Slices", "Microstructure"]
    for expected in (
        "Measured of the truth.",
        "phase fraction The share of the volume that is void. 25.00 % [21.0–29.0]",
        "3.500 µm⁻¹ [3.00–4.00]",
        "for straight channels (D_eff = D · fraction / factor). – 2.000 3.000",
        "All phases together along z along y along x triple-phase boundary length",
        "0.5000 µm⁻²",
        "Note: no factor along z: residual 9 × 10⁻⁶",
        "2 voxels along z: sizes are those of this piece; measure a deeper volume",
        "All 7 quantities, with method and domain",
        "Euler number void −1,234 configurations whole volume",
        "something new void 7.25 × 10⁻⁹ nm magic whole volume",
    ):
        assert expected in text
    assert re.findall(r"\d[eE][+-]?\d|\bnan\b|\bNone\b", text) == []


def test_directional_quantities_have_a_cell_for_each_axis() -> None:
    void, together = headline_groups(Measurements(quantities()))
    assert (void.title, together.title) == ("void", "All phases together")
    rows = {each.name: each.cells for each in void.rows}
    assert [(c.axis, c.value) for c in rows["tortuosity factor"]] == [("z", "–"), ("y", "2.000"), ("x", "3.000")]
    assert len(rows["phase fraction"]) == 1
    assert "Euler number" not in rows


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.07053, "0.07053"),
        (1.03, "1.030"),
        (12.3456, "12.35"),
        (2799.4, "2,799"),
        (-3.5, "−3.500"),
        (7.25e-9, "7.25\u00a0×\u00a010⁻⁹"),
        (3.2e7, "3.20\u00a0×\u00a010⁷"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
    ],
)
def test_numbers_have_the_digits_a_reader_wants(value: float, text: str) -> None:
    assert number(value) == text


def test_bounds_have_the_digits_of_their_half_width() -> None:
    assert bounds_text(18.51, 27.43) == "18.5–27.4"
    assert bounds_text(-8.21, 3.54) == "−8.2 to 3.5"
    assert bounds_text(3.1912, 3.9821) == "3.19–3.98"
    assert value_text("euler-number", Quantity(-1483, "1", "")) == "−1,483"
    shares = [value_text("phase-fraction", Quantity(share, "1", "")) for share in (0.99997, 0.9997, 1)]
    assert shares == [">\u00a099.99\u00a0%", "99.97\u00a0%", "100.0\u00a0%"]
    assert spell_out("Hildebrand and Rueegsegger, 8.1e-06") == "Hildebrand and Rüegsegger, 8.1\u00a0×\u00a010⁻⁶"


def test_half_widths_of_independent_samples_add_in_quadrature() -> None:
    one, other = (Quantity(v, "nm", "", (v - h, v + h)) for v, h in ((10.0, 3.0), (20.0, 4.0)))
    assert difference_interval(one, other) == pytest.approx((10 - 5, 10 + 5))
    assert difference_interval(other, one) == pytest.approx((-15, -5))
    # One that is kept above zero has two half-widths.
    low = Quantity(1.0, "nm", "", (0.0, 5.0))
    assert difference_interval(low, other) == pytest.approx((19 - sqrt(4**2 + 4**2), 19 + sqrt(4**2 + 1**2)))
    assert difference_interval(one, Quantity(3.0, "nm", "")) is None


def test_the_interval_covers_the_true_difference_as_often_as_it_says() -> None:
    rng, covered, runs = np.random.default_rng(0), 0, 4000
    for a, b in zip(rng.normal(5, 2, runs), rng.normal(9, 1, runs), strict=True):
        one, other = Quantity(a, "1", "", (a - 3.92, a + 3.92)), Quantity(b, "1", "", (b - 1.96, b + 1.96))
        low, high = difference_interval(one, other) or (0, 0)
        covered += low <= 4 <= high
    assert covered / runs == pytest.approx(0.95, abs=0.012)


@pytest.mark.usefixtures("pictures_not_rendered")
def test_samples_stand_side_by_side(content: ReportContent, page_of: Write, text_of: Read) -> None:
    far, near = Measurements(quantities(0.40)), Measurements(quantities(0.27))
    compared = (("A", Measurements(quantities())), ("B", far), ("C", near))
    comparison = Comparison("Side by side", compared)
    rows = {(each.name, each.where): each for each in sample_rows(comparison)}
    fraction = rows["phase fraction", "void"]
    assert [cell.value for cell in fraction.samples] == ["25.00\u00a0%", "40.00\u00a0%", "27.00\u00a0%"]
    assert [(cell.value, cell.apart) for cell in fraction.differences] == [
        ("+15.0\u00a0points", True),
        ("+2.00\u00a0points", False),
    ]
    assert fraction.differences[0].interval == "9.3–20.7"  # 15 -+ 4 sqrt(2)
    assert rows["tortuosity factor", "void, along y"].differences[0].value == "0"
    page = page_of(replace(content, comparisons=(comparison,)))
    assert "Side by side Quantity A B C B − A C − A" in text_of(page)
    assert page.count("≠ 0]") + len(re.findall(r"\] ≠ 0", page)) == 1


def prose_of(content: ReportContent) -> MethodsProse:
    return methods_prose(content.measurements, content.measured, content.volume.shape, content.volume.voxel_size)


def test_the_paragraph_has_every_method_and_its_source(measured: ReportContent) -> None:
    prose = prose_of(measured)
    text = prose.text.replace("\u00a0", " ")
    for expected in (
        "The segmented volume (the truth) of 4 × 32 × 64 voxels of 50 × 20 × 10 nm (z y x)",
        "On the whole volume were measured: phase fraction (voxels counted); specific surface area (",
        "specific surface area (Crofton's formula over 13 directions) [1];",
        "On the box 0:8,0:8,0:8 (z, y, x voxels) were measured: tortuosity factor "
        "(finite volumes, residual at most 2.5 × 10⁻⁶) [",
        "something new (magic).",
        "errors of the segmentation are not in them.",
    ):
        assert expected in text
    cited = {int(n) for group in re.findall(r"\[([\d, ]+)\]", text) for n in group.split(",")}
    assert cited == set(range(1, len(prose.sources) + 1))
    assert any("Ohser and F. Mücklich" in source for source in prose.sources)
    assert prose_of(replace(measured, measurements=None)).text == ""


def test_each_kind_of_curve_has_its_chart(measured: ReportContent, page_of: Write) -> None:
    found = charts(Measurements(curves=all_curves()))
    assert [item.title for item in found] == [
        "Phase fraction of slices along each axis",
        "Spread of the phase fraction against window size",
        "Chord lengths",
        "Correlation along each axis",
        "Local thickness",
        "Component sizes",
    ]
    assert charts(Measurements()) == ()
    page = page_of(replace(measured, measurements=Measurements(quantities(), all_curves())))
    assert all(item.chart.narrow in page for item in found)


def lines_of(drawn: Curve) -> list[StyledLine]:
    spec = curve_specs()[drawn.id].chart
    assert spec is not None
    return [line for panel in chart_panels(spec, [drawn]) for line in panel.lines]


def test_lines_are_the_curves_numbers() -> None:
    chords = curve("chord-length-distribution", {"length": [10.0, 20.0, 30.0], "chords": [1.0, 2.0, 1.0]}, axis="y")
    (line,) = lines_of(chords)
    assert (line.name, line.colour, line.x[:3]) == ("along y", 1, pytest.approx([0.01, 0.02, 0.03]))
    assert line.y[:3] == pytest.approx([25, 50, 25]), "shares of 1/4, 1/2, 1/4 in 0.01 µm each"
    (line,) = lines_of(curve("component-sizes", {"volume": [1e9, np.pi / 6 * 1e6], "components": [2.0, 5.0]}))
    assert line.x[0] == pytest.approx(0.1)
    assert line.y == pytest.approx([7, 2])
    (line,) = lines_of(curve("two-point-correlation", {"distance": [0.0, 500.0], "covariance": [0.2, 0.05]}, axis="x"))
    assert (line.x, line.y) == ([0.0, 0.5], pytest.approx([1.0, 0.25]))
    (line,) = lines_of(curve("phase-fraction-of-slices", {"position": [0.0, 500.0], "fraction": [0.2, 0.5]}, axis="z"))
    assert (line.name, line.x, line.y) == ("void", [0.0, 0.5], [20.0, 50.0])
    (line,) = lines_of(curve("local-thickness", {"diameter": [100.0, 200.0], "share": [0.75, 0.25]}))
    assert (line.x, line.y) == (pytest.approx([0, 0.1, 0.2]), pytest.approx([100, 100, 25]))
    spread = {"edge": [1.0, 4.0], "volume": [1.0, 64.0], "standard deviation": [0.08, 0.02]}
    line, slope = lines_of(curve("phase-fraction-spread", spread))
    assert (line.marked, line.y) == (True, pytest.approx([8, 2]))
    assert (slope.colour, slope.y) == (-1, pytest.approx([16, 2])), "faint, with the slope -3/2 through the last point"


@pytest.mark.usefixtures("pictures_not_rendered")
def test_a_hostile_phase_is_text_in_tables_and_prose(content: ReportContent, page_of: Write) -> None:
    evil = "<script>alert(1)</script>{phase}$x^{$"
    rows = tuple(replace(each, phase=evil, quantity=replace(each.quantity, method=evil)) for each in quantities())
    curves = tuple(replace(each, phase=evil) for each in all_curves() if each.phase == "void")
    found = Measurements(rows, curves, (evil,))
    beside = Comparison(evil, ((evil, found), (evil + "2", found)), explanation=evil)
    page = page_of(replace(content, measurements=found, measured=evil, comparisons=(beside,)))
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 30


@pytest.mark.usefixtures("pictures_not_rendered")
def test_without_measurements_the_page_says_nothing_of_them(page: str) -> None:
    assert "Microstructure" not in re.findall(r"<h2>(.*?)</h2>", page)
    assert "quadrature" not in page


def test_a_doubt_about_the_volume_is_called_so_and_said_once(
    measured: ReportContent, page_of: Write, text_of: Read
) -> None:
    thin = Finding("thin-volume", "the volume is only 2 voxels along z", "sizes are its own", "measure a longer one")
    other = replace(thin, message="the volume is only 3 voxels along z")
    small = Finding("no-interval", "there is no interval", "it is small", "measure more", "note")
    first = Measurements(quantities(), notes=("a box was left out",), findings=(thin,))
    second = Measurements(quantities(), notes=("a box was left out",), findings=(other, small))
    comparison = Comparison("Beside", (("One", first), ("Two", second)), False)
    page = text_of(page_of(replace(measured, measurements=first, comparisons=(comparison,))))
    assert f"Warning: {thin.text}" in page
    assert "Note: a box was left out" in page
    assert page.count("a box was left out") == page.count("voxels along z") == 1
    assert f"Two: {small.text}" in page
    apart = text_of(
        page_of(replace(measured, measurements=first, comparisons=(replace(comparison, independent=True),)))
    )
    assert "One, Two: a box was left out" in apart
    assert f"Two: {other.text}" in apart
