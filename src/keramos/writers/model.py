"""Networks made ready for other software, which does not know the stack that they will segment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.writers.writer import Model

if TYPE_CHECKING:
    from keramos.networks import Checkpoint


def needs_grey_level(checkpoint: Checkpoint) -> bool:
    """Whether the network normalises each stack by that stack's own grey values."""
    constants = checkpoint.card.normalisation
    return constants is not None and constants.scope == "stack"


def fix_grey_level(model: Model, reporter: Reporter) -> Checkpoint:
    """The network with the grey level of the images as constants, if it normalises each stack by its own grey values.

    Raises:
        SettingsError: it does, and there are no images.
    """
    if not needs_grey_level(model.checkpoint):
        return model.checkpoint
    if model.images is None:
        raise SettingsError(
            "expected the stack that is to be segmented for a model that takes its grey level from each stack, found "
            "none; give it with --images"
        )
    from keramos.segmenters import NetworkSegmenter  # loads torch, which looking at all writers should not

    progress = reporter.progress("measure the grey level of the images", "slice")
    card = NetworkSegmenter(model.checkpoint).fit_to(model.images, progress).checkpoint.card
    constants = None if card.normalisation is None else card.normalisation.model_copy(update={"scope": "fixed"})
    training = card.training.model_copy(update={"grey_dtype": None, "grey_range": None})
    card = card.model_copy(update={"normalisation": constants, "training": training})
    return replace(model.checkpoint, card=card)
