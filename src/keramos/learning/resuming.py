"""The file from which a killed training goes on, and what a training must share with it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from keramos.blocks import Checkpoint as ResumeFile
from keramos.blocks import computing_versions, open_checkpoint
from keramos.core.options import plain, result_identity
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.settings import TrainSettings
from keramos.learning.state import State
from keramos.networks import Checkpoint


def open_resume_file(out: Path, settings: TrainSettings, identity: dict[str, Any]) -> ResumeFile:
    """The checkpoint of the training of `out`; `settings.fresh` discards an earlier one's."""
    path = out.with_name(f"{out.stem}.training")
    if settings.fresh:
        path.unlink(missing_ok=True)
    return open_checkpoint(path, identity, output=out)


def training_identity(
    data: AnnotatedSlices,
    settings: TrainSettings,
    device: str,
    start: Checkpoint | None,
    rival: Checkpoint | None = None,
) -> dict[str, Any]:
    """Everything that a training must share with an unfinished one to resume it. With a `rival` some of the annotation
    is held out."""
    pretrained = None if settings.pretrained is None else sha256(Path(settings.pretrained).read_bytes()).hexdigest()
    return {
        **result_identity(settings),
        "device": device,
        "pretrained": pretrained,
        "images and labels": data.sha256(),
        "phases": data.phases.names,
        "voxel size": plain(data.voxel_size),
        "initial weights": None if start is None else start.sha256,
        **({} if rival is None else {"compared with": rival.sha256}),
        **computing_versions(),
    }


def note_other_threads(state: State, reporter: Reporter) -> None:
    before, now = state.facts.get("threads"), torch.get_num_threads()
    if before is not None and before != now:
        reporter.note(
            f"the training began with {before} threads and goes on with {now}: they add in another order, so that the "
            f"weights will not be those of an undisturbed training with the same seed (OMP_NUM_THREADS={before} is as "
            "before)"
        )
