"""The measured microstructure on a page: tables, charts, samples side by side, and prose for a paper."""

from keramos.reports.microstructure.charts import Titled, charts
from keramos.reports.microstructure.comparison_tables import ComparisonTable, comparison_tables
from keramos.reports.microstructure.context import microstructure_context
from keramos.reports.microstructure.figures import label_remarks
from keramos.reports.microstructure.methods_prose import MethodsProse, methods_prose
from keramos.reports.microstructure.quantity_table import full_rows, headline_groups

__all__ = [
    "ComparisonTable",
    "MethodsProse",
    "Titled",
    "charts",
    "comparison_tables",
    "full_rows",
    "headline_groups",
    "label_remarks",
    "methods_prose",
    "microstructure_context",
]
