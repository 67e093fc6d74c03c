"""The folders of runs, `NNNN-verb`: the job as it was last, its log, and what it wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keramos.apps.studio.workers.job import Job
from keramos.core.files import make_folder, write_text
from keramos.core.object_path import ObjectPath

_JOB, _LOG = "job.json", "log.txt"
CUT_SHORT = "the studio was closed or killed while this ran; run it again to go on"


def next_folder(runs: Path, verb: str) -> Path:
    """A new folder for a run, made. No number is given twice."""
    make_folder(runs)
    numbers = [int(path.name[:4]) for path in runs.glob("[0-9][0-9][0-9][0-9]-*")]
    folder = runs / f"{max([0, *numbers]) + 1:04d}-{verb}"
    make_folder(folder)
    return folder


def save_job(runs: Path, job: Job, log: str = "") -> None:
    """Keep a job in its folder."""
    write_text(runs / job.folder / _JOB, json.dumps(job.to_json(), indent=1, allow_nan=False) + "\n")
    if log:
        write_text(runs / job.folder / _LOG, log + "\n")


def read_jobs(runs: Path) -> list[Job]:
    """The jobs of earlier times; one that was cut short has failed, and can be run again. What cannot be read is left
    out."""
    jobs = []
    for path in sorted(runs.glob(f"[0-9][0-9][0-9][0-9]-*/{_JOB}")):
        try:
            job = Job.from_json(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, AttributeError):
            continue
        job.folder = path.parent.name
        if not job.is_over:
            job.end("failed", CUT_SHORT)
        jobs.append(job)
    return jobs


def write_seen_from(path: Path, here: Path) -> str:
    """A path as it is typed in a folder: relative inside it, else absolute; an address as it is.

    Example:
        >>> write_seen_from(Path("/data/run/labels.ome.zarr"), Path("/data")).replace("\\\\", "/")
        'run/labels.ome.zarr'
    """
    if isinstance(path, ObjectPath):
        return str(path)
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (links stay)
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
