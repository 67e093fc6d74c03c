"""Which network a training is of, and what it begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.networks import Checkpoint, bundled_checkpoint, load_checkpoint
from keramos.segmenters import planes_of

DEFAULT_MODEL = "compact"


@dataclass(frozen=True)
class Beginning:
    """A network or method by name, and the model whose weights it begins with."""

    model: str
    start: Checkpoint | None = None


def beginning(model: str | None, start: str | Path | None, depth: int) -> Beginning:
    """What `model` and `start` (a file or a bundled model) mean for images of `depth` slices.

    Without `model` the network is that of `start`. A bundled model is taken in the form that fits the network, or else
    the images.

    Raises:
        MissingFileError, FormatError: `start` is neither a bundled model nor a model file.
    """
    if start is None:
        return Beginning(model or DEFAULT_MODEL)
    seen = depth if model is None else planes_of(model)
    found = bundled_checkpoint(str(start), seen) or load_checkpoint(start)
    return Beginning(model or found.card.architecture, found)
