"""The record of a training in the card of its model: its options, the first weights, and what was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from keramos.core import Finding, LabelVolume, Volume
from keramos.core.options import list_options, plain
from keramos.networks import ModelCard, Training, WeightsRow, load_checkpoint, save_checkpoint
from keramos.project.inputs import name_of
from keramos.settings.train import FRESH, TrainSettings

if TYPE_CHECKING:  # a report reads records, and waits for no PyTorch
    from keramos.learning import AnnotatedSlices, TrainResult
    from keramos.project.initial_weights import InitialWeights


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """A training as it was asked for and prepared: its options, what was `drawn`, before any of it was moved or
    resampled, the weights to `begin` with, and by how many pixels outlines were moved."""

    settings: TrainSettings
    drawn: AnnotatedSlices
    begin: InitialWeights
    moved_px: float

    def write(self, fitted: TrainResult, findings: Sequence[Finding]) -> ModelCard:
        """The card of the model with the record and the findings, also in its file."""
        checkpoint = load_checkpoint(fitted.path)
        facts = {
            "findings": tuple(finding.to_json() for finding in findings),
            "options": list_given(self.settings),
            "drawn_voxels": self.drawn.phase_voxels(),
            "drawn_slices": tuple(self.drawn.files().values()),
            "outlines_moved_px": self.moved_px,
            "start": self.begin.origin if checkpoint.weights else None,
            "rival": self.begin.rival_origin,
        }
        training = checkpoint.card.training.model_copy(update=facts)
        save_checkpoint(fitted.path, checkpoint.card.model_copy(update={"training": training}), checkpoint.weights)
        return load_checkpoint(fitted.path).card


def list_given(settings: TrainSettings) -> dict[str, Any]:
    """The options that are not their defaults, by name, as JSON values: inputs as they were given, but not the output,
    nor what only says what becomes of an earlier one.

    Example:
        >>> given = TrainSettings(images="raw", labels="drawn.tif", out="m.keramos", slices=["20"], from_="none")
        >>> list_given(given)
        {'images': ['raw'], 'labels': ['drawn.tif'], 'slices': [20], 'from': 'none'}
    """
    rows = [row for row in list_options(type(settings)) if not row.about.internal]
    values = {
        row.name: getattr(settings, row.field)
        for row in rows
        if not row.about.writes and row.about.group != "Output" and getattr(settings, row.field) != row.default
    }
    return {name: FRESH if value is None else _as_given(value) for name, value in values.items()}


def _as_given(value: Any) -> Any:
    """A JSON value; images and labels that are open by their names."""
    if isinstance(value, tuple):
        return [_as_given(item) for item in value]
    return name_of(value) if isinstance(value, Volume | LabelVolume) else plain(value)


def describe_weights(row: WeightsRow) -> str:
    """The origin of weights in words.

    Example:
        >>> describe_weights(WeightsRow(source="bundled", name="porous-solid", sha256="0123456789abcdef"))
        'the bundled weights porous-solid (SHA-256 0123456789ab…)'
    """
    if row.source == "fresh":
        return "fresh weights"
    kind = "the bundled weights" if row.source == "bundled" else "the weights of"
    return f"{kind} {PurePath(row.name).name} (SHA-256 {row.sha256[:12]}…)"


def describe_kept(training: Training) -> str:
    """The share of the training that the model keeps, in words; empty where the card does not hold it."""
    share, first = training.kept_share, training.rival or training.start
    if share is None or first is None:
        return ""
    if share == 0:
        unchanged = "those that it began with" if training.rival is None else describe_weights(first)
        return f"nothing of this training is kept: the weights are {unchanged}, unchanged"
    return (
        "the trained weights are kept"
        if share == 1
        else (f"weights {share:.0%} of the way from those that it began with to the trained ones are kept")
    )
