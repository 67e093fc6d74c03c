"""The values for the template of the section on the microstructure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keramos.measurements import Measurements
from keramos.reports.content import Comparison
from keramos.reports.microstructure.charts import charts
from keramos.reports.microstructure.comparison_tables import comparison_tables
from keramos.reports.microstructure.figures import label_remarks
from keramos.reports.microstructure.quantity_table import full_rows, headline_groups


def microstructure_context(
    results: Measurements | None, measured: str, comparisons: Sequence[Comparison]
) -> dict[str, Any]:
    """The values for `microstructure.html.j2`; it shows nothing where nothing was measured and nothing is compared."""
    return {
        "measured": measured,
        "has_intervals": results is not None and any(row.quantity.interval for row in results.quantities),
        "has_certainty": results is not None and any(row.quantity.segmentation for row in results.quantities),
        "quantities": () if results is None else headline_groups(results),
        "all_quantities": () if results is None else full_rows(results),
        "measure_notes": () if results is None else label_remarks(results),
        "measure_charts": () if results is None else charts(results),
        "comparisons": comparison_tables(comparisons, results),
    }
