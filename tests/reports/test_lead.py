"""The first sentences on a page of samples: which differences they tell."""

from __future__ import annotations

from keramos.core import Quantity
from keramos.measurements import Measured, Measurements
from keramos.reports import Comparison
from keramos.reports.microstructure.samples_table import sample_rows
from keramos.reports.samples.lead import lead


def sample(**fractions: float) -> Measurements:
    return Measurements(
        tuple(
            Measured("phase-fraction", "phase fraction", Quantity(value, "1", "", (value - 0.01, value + 0.01)), phase)
            for phase, value in fractions.items()
        )
    )


def sentences(first: Measurements, other: Measurements) -> str:
    samples = (("fresh", first), ("aged", other))
    return lead(sample_rows(Comparison("", samples, True)), ["fresh", "aged"])


def test_phases_that_differ_are_told_before_one_that_does_not() -> None:
    text = sentences(sample(pore=0.3, carbon=0.3, binder=0.4), sample(pore=0.4, carbon=0.2, binder=0.4))
    assert ("of pore" in text, "of carbon" in text, "of binder" in text) == (True, True, False)
    assert "no more than chance" not in text


def test_of_phases_that_all_agree_and_of_two_the_last_is_told() -> None:
    alike = sample(pore=0.3, carbon=0.3, binder=0.4)
    assert sentences(alike, alike).count("phase fraction") == 1
    assert "of binder" in sentences(alike, alike)
    assert "of void" not in sentences(sample(void=0.3, solid=0.7), sample(void=0.4, solid=0.6))
