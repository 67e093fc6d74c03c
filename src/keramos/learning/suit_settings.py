"""Settings that were left open, as the annotated images, the device and the weights to begin with call for them."""

from __future__ import annotations

from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.device import pick_device
from keramos.learning.image_differences import differs_in_grey_level
from keramos.learning.layers import suit_to_layers
from keramos.learning.settings import TrainSettings
from keramos.learning.thin_phases import find_thin_phases
from keramos.networks import ARCHITECTURES


def suit_settings(settings: TrainSettings, data: AnnotatedSlices, reporter: Reporter, *, fresh: bool) -> TrainSettings:
    """The settings with what was left open chosen. Images that differ in grey level are normalised each by itself, of
    which the reporter hears. Fresh weights on a processor are moved by Muon, and thin, rare phases
    that they learn have a loss of their own. The paper's networks are left as the paper has them.

    Raises:
        SettingsError: single slices first, for weights that are not fresh.
    """
    if settings.follows_paper:
        return settings.replace(adapts=bool(settings.adapts))
    if settings.optimiser is None:
        is_slow = fresh and pick_device(settings.device) == "cpu"
        settings = settings.replace(optimiser="muon" if is_slow else "adamw")
    if settings.one_slice_share and not fresh:
        raise SettingsError("expected fresh weights to learn from single slices first, found others; leave it out")
    if settings.skeleton_recall is None:
        # Only fresh weights get the balance of rare phases that takes back what this exaggerates.
        settings = settings.replace(skeleton_recall=fresh and bool(find_thin_phases(data)))
    if settings.model in ARCHITECTURES:
        settings = suit_to_layers(settings, data, reporter, fresh=fresh)
    if settings.adapts is not None:
        return settings
    adapts = differs_in_grey_level(data)
    if adapts:
        reporter.note("the images differ in grey level: each is normalised by its own, in training and afterwards")
    return settings.replace(adapts=adapts)
