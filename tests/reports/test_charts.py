"""Charts: the numbers behind the lines, and that the lines are there in the colours of a light and a dark page."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.core import Volume
from keramos.reports import ReportContent, fraction_over_z
from keramos.reports.fraction_over_z import predict_profile, true_profile
from keramos.reports.picture import Chart, Draw
from keramos.reports.sections import learning_curve
from keramos.reports.theme import LIGHT, label


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are drawn, wide ones on a light page, in place of pictures."""
    drawn: list[Figure] = []

    def keep(draw: Draw, alt: str, *, narrow_height: float = 3.0) -> Chart:
        drawn.append(Figure(figsize=(8.8, 3.1), layout="constrained"))
        draw(drawn[-1], LIGHT)
        return Chart(Markup(), Markup(), alt, draw, "")

    monkeypatch.setattr(fraction_over_z, "chart", keep)
    monkeypatch.setattr(learning_curve, "chart", keep)
    return drawn


def test_profiles_are_the_counted_fractions(content: ReportContent) -> None:
    wide, close = content.methods
    np.testing.assert_allclose(predict_profile(wide), [40 / 64] * 4)
    np.testing.assert_allclose(predict_profile(replace(close, evaluation=None)), [33 / 64] * 4)


def test_the_true_profile_also_holds_slices_left_out_of_the_scores(content: ReportContent) -> None:
    np.testing.assert_allclose(true_profile(content), [0.5] * 4)
    np.testing.assert_allclose(true_profile(replace(content, truth=None)), [0.5, np.nan, 0.5, 0.5])
    methods = tuple(replace(m, evaluation=None) for m in content.methods)
    assert true_profile(replace(content, truth=None, methods=methods)) is None


def test_each_method_and_the_truth_have_a_named_line_in_per_cent(content: ReportContent, figures: list[Figure]) -> None:
    assert fraction_over_z.fraction_over_z(content) is not None
    axes = figures[0].axes[0]
    lines = {str(line.get_label()): np.asarray(line.get_ydata(), float) for line in axes.lines}
    np.testing.assert_allclose(lines["Wide"], [62.5] * 4)
    np.testing.assert_allclose(lines["Close"], [100 * 33 / 64] * 4)
    np.testing.assert_allclose(lines["truth"], [50] * 4)
    (annotated,) = [line for line in axes.lines if line.get_label() == "annotated for training"]
    assert list(np.asarray(annotated.get_xdata())) == [1, 1]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("slice z (50 nm apart)", "solid, % of the slice")
    legend = {text.get_text() for text in figures[0].legends[0].get_texts()}
    assert legend == {"Wide", "Close", "truth", "annotated for training"}


def test_the_curve_is_drawn_against_seconds_or_steps(content: ReportContent, figures: list[Figure]) -> None:
    learning_curve.learning_curve(content)
    loss, iou = figures[0].axes
    assert (loss.get_ylabel(), iou.get_ylabel(), loss.get_xlabel()) == ("loss", "IoU", "training time in s")
    np.testing.assert_allclose(loss.lines[0].get_xdata(), 1.5 * np.arange(60))
    np.testing.assert_allclose(iou.lines[0].get_ydata(), np.arange(60) / 60)
    no_clock = tuple({"step": row["step"], "loss": row["loss"]} for row in content.methods[1].curve)
    learning_curve.learning_curve(replace(content, methods=(replace(content.methods[1], curve=no_clock),)))
    (only,) = figures[1].axes
    assert (only.get_ylabel(), only.get_xlabel()) == ("loss", "training step")
    np.testing.assert_allclose(only.lines[0].get_xdata(), 10 * np.arange(60))


def test_lines_have_the_methods_colours_of_either_theme(content: ReportContent, page: str) -> None:
    drawn = fraction_over_z.fraction_over_z(content)
    assert drawn is not None
    for svg in (drawn.wide, drawn.narrow):
        for method in (0, 1):
            strokes = re.findall(rf"stroke: var\(--method-{method}\); stroke-width: 1.4", svg)
            assert len(strokes) == 2, "the line, and its sample in the legend"
        assert "--method-2" not in svg, "there is no third method"
        assert re.findall(r": #[0-9a-f]{6}", svg) == [], "a colour that no theme changes"
        assert "background" not in svg
    assert drawn.wide != drawn.narrow
    light, dark = page.split("@media screen and (prefers-color-scheme: dark)")[:2]
    for colour, variable in LIGHT.variables().items():
        name = variable.removeprefix("var(").removesuffix(")")
        assert f"{name}: {colour};" in light
        assert re.search(rf"{name}: (?!{colour})#[0-9a-f]{{6}};", dark), f"{name} is the same in the dark"


def test_charts_of_one_page_share_no_id(content: ReportContent, page: str) -> None:
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(set(ids)) == len(ids)
    svgs = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert svgs.count("<svg") == 4, "two charts in two widths"
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', svgs))
    assert used
    assert used <= set(ids)


def test_nothing_to_draw_is_no_chart(content: ReportContent) -> None:
    flat = ReportContent("t", Volume.from_array(np.zeros((1, 8, 8), np.uint8)))
    assert fraction_over_z.fraction_over_z(flat) is None
    assert fraction_over_z.fraction_over_z(replace(content, methods=())) is None
    assert learning_curve.learning_curve(replace(content, methods=content.methods[:1])) is None
    empty = replace(content.methods[1], curve=({"step": 1.0, "loss": None},))
    assert learning_curve.learning_curve(replace(content, methods=(empty,))) is None


def test_labels_are_text_never_formulas() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], label=label("_a $x^{$ b\udcff"))
    axes.legend()
    figure.canvas.draw()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [r" _a \$x^{\$ b?"]
