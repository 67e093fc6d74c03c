"""Exports: what each target writes."""

from keramos.workflow.exporting.job import ExportJob, ExportSettings
from keramos.workflow.exporting.targets import run_export

__all__ = ["ExportJob", "ExportSettings", "run_export"]
