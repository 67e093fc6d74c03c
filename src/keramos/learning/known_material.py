"""Do weights know the material of an annotation that they have not seen?"""

from __future__ import annotations

from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.choice import judge_model
from keramos.networks import Checkpoint, ModelCard
from keramos.scoring import phase_ratios

_KNOWN = 0.5
"""The IoU of each phase from which on weights know a material."""


def knows_material(model: Checkpoint, data: AnnotatedSlices, held_out: AnnotatedSlices, device: str = "cpu") -> bool:
    """Whether a model reaches an IoU of one half on every phase of what is `held_out` of the annotation, no slice of
    which it has learnt: which squares were held out then is not known."""
    if has_learnt(model.card, data):
        return False
    ious = phase_ratios(judge_model(model, held_out, device).confusions.sum(axis=0))["iou"]
    return bool((ious >= _KNOWN).all())


def has_learnt(card: ModelCard, data: AnnotatedSlices) -> bool:
    """Whether a model was trained on any of the annotated slices."""
    learnt = zip(card.training.sources, card.training.annotated_slices, strict=False)
    before = {(source, z) for source, slices in learnt for z in slices}
    return any((source, z) in before for (_, source), slices in data.files().items() for z in slices)
