"""Settings that were left open, as the annotated images, the device and the weights to begin with call for them."""

from __future__ import annotations

from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.image_differences import differs_in_grey_level
from keramos.learning.settings import TrainSettings, pick_device


def suit_settings(
    settings: TrainSettings, data: AnnotatedSlices, reporter: Reporter, *, is_fresh: bool
) -> TrainSettings:
    """The settings with `adapts` and `optimiser` chosen, where they were left open: images that differ in grey level
    are normalised each by itself, of which the reporter hears; fresh weights on a processor are moved by Muon. The
    paper's networks are left as the paper has them."""
    if settings.follows_paper:
        return settings.replace(adapts=bool(settings.adapts))
    if settings.optimiser is None:
        is_slow = is_fresh and pick_device(settings.device) == "cpu"
        settings = settings.replace(optimiser="muon" if is_slow else "adamw")
    if settings.adapts is not None:
        return settings
    adapts = differs_in_grey_level(data)
    if adapts:
        reporter.note("the images differ in grey level: each is normalised by its own, in training and afterwards")
    return settings.replace(adapts=adapts)
