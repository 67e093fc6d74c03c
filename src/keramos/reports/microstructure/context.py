"""What the template of the section on the microstructure is filled with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keramos.measurements.measured import Measurements
from keramos.reports.content import Comparison
from keramos.reports.microstructure.charts import charts
from keramos.reports.microstructure.comparison_tables import comparison_tables
from keramos.reports.microstructure.figures import spelled
from keramos.reports.microstructure.quantity_table import full_rows, headline_groups


def microstructure_context(
    found: Measurements | None, measured: str, comparisons: Sequence[Comparison]
) -> dict[str, Any]:
    """Of `microstructure.html.j2`; it shows nothing where nothing was measured and nothing is compared."""
    return {
        "measured": measured,
        "has_intervals": found is not None and any(row.quantity.interval for row in found.quantities),
        "has_certainty": found is not None and any(row.quantity.segmentation for row in found.quantities),
        "quantities": () if found is None else headline_groups(found),
        "all_quantities": () if found is None else full_rows(found),
        "measure_notes": () if found is None else [spelled(note) for note in found.notes],
        "measure_charts": () if found is None else charts(found),
        "comparisons": comparison_tables(comparisons),
    }
