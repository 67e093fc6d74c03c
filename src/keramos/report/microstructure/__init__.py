"""What was measured of the microstructure: tables, charts, samples side by side, and prose for a paper."""

from keramos.report.microstructure.charts import Titled, charts
from keramos.report.microstructure.figures import spelled
from keramos.report.microstructure.methods_prose import MethodsProse, methods_prose
from keramos.report.microstructure.quantity_table import full_rows, headline_groups
from keramos.report.microstructure.samples_table import sample_rows

__all__ = [
    "MethodsProse", "Titled", "charts", "full_rows", "headline_groups", "methods_prose", "sample_rows", "spelled",
]  # fmt: skip
