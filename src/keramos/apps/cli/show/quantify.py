"""Show measured quantities."""

from __future__ import annotations

import shlex
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.quantities import print_quantities
from keramos.measurements import Measurements
from keramos.measurements.tables import to_json
from keramos.settings.quantify import QuantifySettings


def show_quantify(settings: QuantifySettings, measurements: Measurements) -> dict[str, Any]:
    """Print a table for each phase; the next command makes the page."""
    print_quantities(measurements)
    following = ["keramos", "report", str(getattr(settings.labels, "name", settings.labels))]
    if settings.out is not None:
        print_facts([("written", f"{settings.out}: quantities.json, quantities.csv, curves.csv")])
        following += ["--quantities", str(settings.out)]
    return {**to_json(measurements), "next": shlex.join([*following, "--out", "report.html"])}
