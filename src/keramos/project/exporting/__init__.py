"""Exports: what each target writes."""

from keramos.project.exporting.job import ExportJob, ExportSettings
from keramos.project.exporting.targets import run_export

__all__ = ["ExportJob", "ExportSettings", "run_export"]
