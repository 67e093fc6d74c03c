"""Tables of quantities in the terminal: a share that is not quite all is not shown as all; other numbers are."""

from __future__ import annotations

import pytest

from keramos.apps.cli.quantities import print_quantities
from keramos.core import Quantity
from keramos.measurements import Measured, Measurements


@pytest.mark.parametrize(
    ("id", "value", "shown"),
    [
        ("phase-fraction", 0.99997, "> 0.9999"),
        ("phase-fraction", 1.0, "1"),
        ("phase-fraction", 0.5, "0.5"),
        ("tortuosity-factor", 0.99997, "1"),
        ("bruggeman-exponent", 0.99997, "1"),
        ("of-another-package", 0.99997, "1"),
    ],
)
def test_only_shares_are_bounded(id: str, value: float, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_quantities(Measurements((Measured(id, "named", Quantity(value, "1", "counted"), "solid", ""),)))
    row = next(line for line in capsys.readouterr().out.splitlines() if "named" in line)
    assert row.split(maxsplit=1)[1].strip(" │|") == shown
