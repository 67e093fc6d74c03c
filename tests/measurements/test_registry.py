"""A measurement from another package is measured, tabled, charted and cited like those of Keramos, from its one
file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from shapes import FLAT, codes_of

from keramos.core import registry
from keramos.core.errors import SettingsError
from keramos.measurements import MEASUREMENTS, curve_specs, quantify_volume, quantity_specs
from keramos.measurements.tables import to_json
from keramos.reports.microstructure import charts, full_rows, headline_groups, methods_prose
from keramos.settings.quantify import MeasurementOptions

TOY = '''
"""The brightness of a phase: its code, as a toy."""

import numpy as np

from keramos.measurements import ChartSpec, CurveSpec, Line, Measurement, Measurements, QuantitySpec

GLOW = QuantitySpec(id="glow", name="glow", unit="1/um", length_power=0, meaning="How {phase} glows.", method="guessed",
                    rank=11, sources=("A. Firefly (2026)",))
DEEP = QuantitySpec(id="deep-glow", name="deep glow", unit="1", length_power=0, meaning="", method="seen", rank=12)
FADING = CurveSpec(id="fading", name="fading", units={"time": "1", "glow": "1"}, method="guessed", chart=ChartSpec(
    title="Fading", caption="Slowly.", alt="Glow over time", x_label="time", y_label="glow", rank=5,
    lines=lambda curve: [Line(curve.columns["time"], curve.columns["glow"])]))


class Glow:
    before = after = (0, 0, 0)

    def __init__(self, volume):
        self.volume = volume

    def measure(self, block):
        return np.bincount(block.core_codes.ravel(), minlength=256)

    def merge(self, first, second):
        return first + second

    def finish(self, partial):
        names = self.volume.phases.names
        rows = tuple(GLOW.row(float(partial[code]), names[code]) for code in self.volume.measured_codes)
        curve = FADING.curve({"time": [0.0, 1.0], "glow": [1.0, 0.5]}, names[0])
        return Measurements(rows, (curve,))


def measure_deep(subvolume, reporter):
    return Measurements((DEEP.row(float(subvolume.codes.size), domain=subvolume.name),))


MEMBER = Measurement(name="glow", quantities=(GLOW,), curves=(FADING,), in_blocks=Glow)
DEEP_MEMBER = Measurement(name="deep-glow", quantities=(DEEP,), on_subvolume=measure_deep)
'''


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A package on the path whose entry point names a module `toy_glow` with members."""
    monkeypatch.syspath_prepend(str(tmp_path))
    point = EntryPoint("glow", "toy_glow", "keramos.measurements")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == point.group else [])
    yield tmp_path
    sys.modules.pop("toy_glow", None)
    monkeypatch.undo()
    MEASUREMENTS.refresh()


def test_a_member_from_outside_is_measured_shown_and_cited(install: Path) -> None:
    (install / "toy_glow.py").write_text(TOY, encoding="utf-8")
    MEASUREMENTS.refresh()
    codes = np.zeros((9, 10, 11), np.uint8)
    codes[:, 4:] = 1
    results = quantify_volume(codes_of(codes, FLAT, "void solid"), MeasurementOptions(transport=False))
    assert results.find("glow", "solid").value == np.count_nonzero(codes)
    assert results.find("deep-glow").value == codes.size
    assert list(quantity_specs())[:3] == ["phase-fraction", "glow", "deep-glow"]
    assert [row["id"] for row in to_json(results)["quantities"]][:5] == ["phase-fraction"] * 2 + ["glow"] * 2 + [
        "deep-glow"
    ]
    solid = headline_groups(results)[1]
    assert [(row.name, row.meaning) for row in solid.rows][1] == ("glow", "How solid glows.")
    assert any(row.name == "deep glow" and row.method == "seen" for row in full_rows(results))
    assert charts(results)[0].title == "Fading"
    prose = methods_prose(results, "", codes.shape, FLAT)
    number = prose.sources.index("A. Firefly (2026)") + 1
    assert f"glow (guessed) [{number}]" in prose.text


def test_two_specifications_of_one_id_are_refused(install: Path) -> None:
    twice = TOY.replace('id="glow"', 'id="phase-fraction"')
    (install / "toy_glow.py").write_text(twice, encoding="utf-8")
    MEASUREMENTS.refresh()
    with pytest.raises(SettingsError, match="different specifications of 'phase-fraction'"):
        quantity_specs()


def test_every_specification_is_complete() -> None:
    specs = list(quantity_specs().values())
    assert len({spec.rank for spec in specs}) == len(specs)
    for member in MEASUREMENTS.values():
        assert [member.in_blocks, member.on_subvolume, member.on_volume].count(None) == 2
        assert member.quantities or member.curves
    for spec in (*specs, *curve_specs().values()):
        assert spec.id == spec.id.lower().replace(" ", "-")
        assert spec.name
        assert spec.method
    assert all(spec.meaning.endswith(".") for spec in specs)
