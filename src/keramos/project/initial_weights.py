"""The architecture of a training and its initial weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.networks import Checkpoint, load_bundled, load_checkpoint
from keramos.segmenters import planes_of

DEFAULT_MODEL = "compact"


@dataclass(frozen=True)
class InitialWeights:
    """A network or method by name, and the model whose weights its training starts with; None for fresh ones."""

    model: str
    start: Checkpoint | None = None


def resolve_initial_weights(model: str | None, start: str | Path | None, depth: int) -> InitialWeights:
    """Resolve `model` and `start` (a file or a bundled model) for images of `depth` slices.

    Without `model` the network is that of `start`. A bundled model is taken in the form that fits the network, or else
    the images.

    Raises:
        MissingFileError, FormatError: `start` is neither a bundled model nor a model file.
    """
    if start is None:
        return InitialWeights(model or DEFAULT_MODEL)
    planes = depth if model is None else planes_of(model)
    checkpoint = load_bundled(str(start), planes) or load_checkpoint(start)
    return InitialWeights(model or checkpoint.card.architecture, checkpoint)
