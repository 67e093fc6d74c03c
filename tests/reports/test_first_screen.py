"""The first screen: the material, the answer, a few numbers, the gravest finding, and where to click."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from keramos.core import VOID_SOLID, Finding, LabelVolume, Quantity
from keramos.measurements import Measured, Measurements
from keramos.reports import ReportContent
from keramos.reports.first_screen import answer
from keramos.reports.first_screen.numbers import first_numbers
from keramos.reports.first_screen.pictures import half_labelled

Write = Callable[[ReportContent], str]
Read = Callable[[str], str]


def measured(id: str, value: float, unit: str, interval: tuple[float, float] | None = None, **more: str) -> Measured:
    return Measured(id, id.replace("-", " "), Quantity(value, unit, "counted", interval), more.get("phase", "solid"),
                    more.get("axis", ""))  # fmt: skip


ROWS = (
    measured("phase-fraction", 0.48123, "1", (0.45, 0.51), phase="void"),
    measured("phase-fraction", 0.51877, "1", (0.49, 0.55)),
    measured("mean-intercept-length", 123.4, "nm", axis="x"),
    measured("tortuosity-factor", 1.5, "1", axis="x"),
    measured("tortuosity-factor", 1.25, "1", axis="z"),
    measured("specific-surface-area", 2.5, "1/um", (2.25, 2.75)),
    measured("permeability", 7.0, "nm2", axis="z"),
    measured("largest-component", 0.9997, "1"),
    measured("mean-local-thickness", 80.0, "nm"),
)


@pytest.fixture
def known(content: ReportContent) -> ReportContent:
    return replace(content, measurements=Measurements(ROWS), measured="Close")


def test_the_answer_is_the_fraction_with_its_interval_and_the_trust_in_it(known: ReportContent) -> None:
    said = "51.9 % of the volume is solid (95 % interval 49.0–55.0 %); the labels agree with the truth to an IoU of"
    assert answer(known).replace("\u00a0", " ") == f"{said} 0.970 (0.960–0.980)."
    alone = replace(known, truth=None, methods=tuple(replace(m, evaluation=None) for m in known.methods))
    assert answer(alone).endswith("no truth to say how right the labels are.")


def test_at_most_six_numbers_of_the_positive_phase_come_first(known: ReportContent) -> None:
    numbers = [(n.name, n.value.replace("\u00a0", " "), n.detail.replace("\u00a0", " ")) for n in first_numbers(known)]
    assert numbers == [
        ("Phase fraction of solid", "51.9 %", "95 % interval 49.0–55.0"),
        ("Specific surface area of solid", "2.50 µm⁻¹", "95 % interval 2.25–2.75"),
        ("Mean local thickness of solid", "80.0 nm", "no interval"),
        ("Tortuosity factor of solid", "1.25 · 1.50", "along z · x"),
        ("Largest component of solid", "> 99.9 %", "no interval"),
        ("IoU of solid", "0.970", "95 % interval 0.960–0.980"),
    ]


def test_labels_lie_over_the_right_half_alone() -> None:
    grey, codes = np.full((4, 400), 100, np.uint8), np.ones((4, 400), np.uint8)
    codes[:, 300:] = 255
    rgb = half_labelled(grey, codes, LabelVolume.from_array(codes[None], VOID_SOLID))
    assert (rgb[:, :200] == 100).all()
    assert (rgb[:, 200] == 255).all()
    assert (rgb[:, 201:300] == np.round((np.array([0xE6, 0x9F, 0x00]) + 100) / 2)).all(), "half the colour of solid"
    assert (rgb[:, 300:] == 100).all(), "not annotated"


@pytest.mark.usefixtures("pictures_not_rendered")
def test_the_gravest_finding_and_links_to_what_is_there_are_on_it(
    known: ReportContent, page_of: Write, text_of: Read
) -> None:
    note = Finding("shading", "it is shaded", "edges move", severity="note")
    grave = Finding("blank-slice", "slice 3 is blank", "its voxels are void")
    page = page_of(replace(known, findings=(note, grave), methods_text=""))
    first = page[: page.index("</header>")]
    assert "Warning: slice 3 is blank . What it does to the numbers, and 1 more" in re.sub(
        r"\s+", " ", text_of(first)
    ).replace("blank.", "blank .")
    ids = set(re.findall(r'id="([a-z0-9-]+)"', page))
    links = re.findall(r'<a href="#([^"]+)"', first)
    assert len(links) >= 4
    assert set(links) <= ids
    assert "<script" not in first, "drawn before any script runs"
    assert first.count("<img") == 2
