"""Settings that were left open, as the annotated images call for them."""

from __future__ import annotations

from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.image_differences import differs_in_grey_level
from keramos.learning.settings import TrainSettings


def suit_settings(settings: TrainSettings, data: AnnotatedSlices, reporter: Reporter) -> TrainSettings:
    """The settings with `adapts` chosen, where it was left open: images that differ in grey level are normalised each
    by itself, of which the reporter hears. The paper's networks are left as the paper has them."""
    if settings.adapts is not None:
        return settings
    adapts = not settings.follows_paper and differs_in_grey_level(data)
    if adapts:
        reporter.note("the images differ in grey level: each is normalised by its own, in training and afterwards")
    return settings.replace(adapts=adapts)
