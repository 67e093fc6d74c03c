"""The models of a comparison: trained once, taken up where a killed run left them."""

from __future__ import annotations

from pathlib import Path

from keramos.core.errors import KeramosError
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlices, TrainSettings, train_model
from keramos.learning.suit_settings import suit_settings
from keramos.networks import Checkpoint, load_checkpoint
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.settings import Protocol, title_of
from keramos.reports import write_curve
from keramos.segmenters import planes_of


def train_or_load(
    method: str, number: int, data: ComparisonData, settings: Protocol, out: Path, reporter: Reporter
) -> Checkpoint:
    """The model of a method, from its file if that is the one asked for, else trained."""
    path = out / "models" / f"{run_name(method, number)}.keramos"
    wanted = settings.training(method, number)
    learned = data.train.with_planes(planes_of(method))
    found = _already(path, learned, wanted)
    if found is not None:
        return found
    again = "" if settings.trainings_of(method) == 1 else f", training {number + 1} of {settings.trainings}"
    reporter.note(f"{title_of(method)}{again}")
    fitted = train_model(learned, wanted, path, half_range=data.half_range, keep_stopped=False, reporter=reporter)
    if fitted.card.training.curve:
        write_curve(fitted.card.training.curve, path)
    return load_checkpoint(path)


def run_name(method: str, number: int) -> str:
    """`unet`, `unet-2`, ..."""
    return method if number == 0 else f"{method}-{number + 1}"


def _already(path: Path, learned: AnnotatedSlices, wanted: TrainSettings) -> Checkpoint | None:
    if not path.is_file():
        return None
    try:
        found = load_checkpoint(path)
    except KeramosError:
        return None  # cut short by a crash: trained again
    training = found.card.training
    asked = suit_settings(wanted, learned, Reporter(), fresh=True).to_json()
    same = training.data_sha256 == learned.sha256() and training.settings in ({}, asked)
    return found if same else None
