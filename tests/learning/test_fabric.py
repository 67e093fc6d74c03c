"""The fabric of a training is one process, wherever it runs."""

from __future__ import annotations

import pytest

from keramos.learning.fabric import open_fabric


def test_job_of_several_tasks_trains_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "train", "SLURM_NTASKS": "4"}.items():
        monkeypatch.setenv(name, value)
    assert open_fabric("cpu").world_size == 1
