"""Paragraphs for a manuscript on how labels came to be, from what the labels and their model's card hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keramos.core import LabelVolume, Volume
from keramos.networks import ModelCard
from keramos.project.segmentation_facts import facts_of
from keramos.project.training_record import describe_kept, describe_weights
from keramos.reports.plain_words import count, duration, join_words, percent, ranges

_SCORES = {"held_out_iou": "IoU on held-out annotation", "training_iou": "IoU on the annotation that was learnt"}


_OPTIMISERS = {"adamw": "AdamW", "muon": "Muon"}
_CHANGES = {
    "any_rotation": "rotation by any angle",
    "mirrored": "mirroring",
    "gradient": "shading gradients",
    "jitter": "shifts of neighbouring slices",
    "flicker": "brightness changes of neighbouring slices",
    "missing": "missing neighbouring slices",
}
"""Random changes of crops in words, where the name of their range is not one."""
_OF_NEIGHBOURS = ("jitter", "flicker", "missing")


def describe_methods(volume: Volume, labels: LabelVolume, card: ModelCard | None) -> str:
    """A paragraph on each of images, preparation, annotation, network, training, hold-out, segmentation, what was done
    afterwards, and versions, without those of which nothing is known; in square brackets what only a person knows."""
    steps = labels.provenance.to_json()
    last = max((place for place, step in enumerate(steps) if step["verb"] == "segment"), default=-1)
    step: Mapping[str, Any] = steps[last] if last >= 0 else {}
    facts = facts_of(labels)
    parts = {
        "Images": _describe_images(volume, steps),
        "Preparation": _describe_preparation(volume.facts or (facts.preparation if facts else {})),
        **({} if card is None else _describe_model(card)),
        "Segmentation": _describe_segmentation(step, card),
        "Post-processing": "; ".join(_describe_step(later) for later in steps[last + 1 :]) if last >= 0 else "",
        "Versions": join_words([f"{name} {number}" for name, number in step.get("versions", {}).items()] or [""]),
    }
    return "\n".join(f"{name}. {text[:1].upper()}{text[1:]}." for name, text in parts.items() if text)


def describe_labels(labels: LabelVolume) -> str:
    """A paragraph on labels of other software, of which only a person knows how they were made."""
    z, y, x = labels.shape
    size = "" if labels.voxel_size is None else f" of {' × '.join(f'{nm:g}' for nm in labels.voxel_size.zyx)} nm"
    names = join_words([phase.name for phase in labels.phases])
    return (
        f"Labels. {z} × {y} × {x} voxels{size} (z y x) were labelled as {names} [microscope or tomograph; software, "
        "its version, and how the labels were made]."
    )


def _describe_images(volume: Volume, steps: Sequence[Mapping[str, Any]]) -> str:
    z, y, x = volume.shape
    size = "" if volume.voxel_size is None else f" of {' × '.join(f'{nm:g}' for nm in volume.voxel_size.zyx)} nm"
    text = f"The FIB-SEM stack has {z} × {y} × {x} voxels{size} (z y x)"
    made = next((step["parameters"] for step in steps if step["verb"] == "phantom"), None)
    if made is None:
        return f"{text} [microscope, voltage, current, detector]"
    how = f"preset {made.get('preset')}, severity {made.get('severity')}, seed {made.get('seed')}"
    return f"{text} and is simulated ({how}), so that each voxel's phase is known"


def _describe_preparation(facts: Mapping[str, Any]) -> str:
    if not facts:
        return "the images were used as they are"
    said = [f"{len(facts.get('slices', ()))} slices were kept"]
    if facts.get("bar_rows"):
        said.append(f"the information bar ({facts['bar_rows']} rows) was cut off")
    if any(any(shift) for shift in facts.get("shifts_px", ())):
        said.append("slices were aligned by sub-pixel translation")
    said += [str(summary) for summary in facts.get("remedies", {}).values()]
    return "; ".join(said)


def _describe_model(card: ModelCard) -> dict[str, str]:
    """Annotation, network, training and hold-out, as the card of the model states them."""
    training, settings = card.training, card.training.settings
    names = [phase.name for phase in card.phases]
    planes = len(card.z_offsets_nm)
    reads = "one slice at a time" if planes == 1 else f"{planes} neighbouring slices for the middle one"
    scores = [f"the {_SCORES.get(name, name.replace('_', ' '))} is {value:.3f}" for name, value in card.scores.items()]
    held_out = [_describe_hold_out(card), *scores, training.choice, training.decision]
    return {
        "Annotation": _describe_annotation(card),
        "Network": f"the network {card.architecture} reads {reads} and gives scores of {join_words(names)}",
        "Training": _describe_training(card, settings) if training.steps else "",
        "Hold-out": "; ".join(part for part in held_out if part),
    }


def _describe_annotation(card: ModelCard) -> str:
    """The annotation as it was drawn; of older cards, which do not hold that, what of it was learnt."""
    training = card.training
    slices = [z for rows in training.drawn_slices or training.annotated_slices for z in rows]
    where = f"{count(len(slices), 'slice')} (z = {ranges(slices)})" if slices else "no slice"
    if not training.drawn_voxels:
        return f"{_describe_learnt(card, where)} [who drew the labels, and how]"
    voxels, amounts = sum(training.drawn_voxels), _describe_amounts(card, training.drawn_voxels)
    text = f"{voxels:,} voxels on {where} were annotated{amounts} [who drew the labels, and how]"
    moved = training.outlines_moved_px
    if not moved:
        return text
    return (
        f"{text}; before the training Keramos moved all outlines by {abs(moved):.1f} pixels onto those in the images, "
        f"so that the bright phases {'shrank' if moved < 0 else 'grew'}"
    )


def _describe_learnt(card: ModelCard, where: str) -> str:
    amounts = _describe_amounts(card, card.training.phase_voxels)
    return f"{card.training.annotated_voxels:,} voxels on {where} were learnt{amounts}"


def _describe_amounts(card: ModelCard, voxels: Sequence[int]) -> str:
    amounts = [f"{n:,} {phase.name}" for phase, n in zip(card.phases, voxels, strict=False)]
    return f" ({', '.join(amounts)})" if amounts else ""


def _describe_hold_out(card: ModelCard) -> str:
    """The share of the annotation that was held out, where the card holds it."""
    share = card.training.held_out_share
    if share is None:
        return ""
    if not share:
        return "no annotation was held out of the training"
    slices = count(sum(map(len, card.training.annotated_slices)), "slice")
    return (
        f"{percent(share)} of the annotated voxels, in squares of the image plane, were held out of the training; "
        f"{_describe_learnt(card, slices)}, apart from a margin around these squares"
    )


def _describe_training(card: ModelCard, settings: Mapping[str, Any]) -> str:
    training = card.training
    crops = ""
    if settings.get("crop") and settings.get("batch"):
        crops = f" on random crops of {settings['crop']} × {settings['crop']} pixels, {settings['batch']} a step,"
    named = [name for name in ("learning_rate", "weight_decay") if settings.get(name)]
    rates = join_words([f"{name.replace('_', ' ')} {settings[name]:g}" for name in named] or [""])
    used = str(settings.get("optimiser") or "")
    optimiser = f" by {_OPTIMISERS.get(used, used)}" if used else ""
    changed = _list_changes(settings.get("augmentation") or {}, len(card.z_offsets_nm))
    augmented = f", augmented by {join_words(changed)}" if changed else ""
    effort = f"{duration(training.seconds)}, {training.device}"
    began = "" if training.start is None else f"began with {describe_weights(training.start)}"
    if training.start is not None and training.start.source == "bundled":
        began += ", which were trained on phantoms only,"
    text = (
        f"it {began}{' and ' if began else ''}was trained for {training.steps:,} steps ({effort}){crops}{optimiser}"
        f"{f' ({rates})' if rates else ''}{augmented}, seed {training.seed}"
    )
    early = "it stopped early, when a round of the training gained hardly anything on held-out annotation"
    return "; ".join(part for part in (text, early if training.stopped_early else "", describe_kept(training)) if part)


def _list_changes(changes: Mapping[str, Any], planes: int) -> list[str]:
    """The random changes of crops in words; those of neighbouring slices only where these are read."""
    names = [name for name, value in changes.items() if value and (planes > 1 or name not in _OF_NEIGHBOURS)]
    if "any_rotation" in names and "rotation" in names:
        names.remove("rotation")
    return [_CHANGES.get(name, name.replace("_", " ")) for name in names if name != "inside"]


def _describe_segmentation(step: Mapping[str, Any], card: ModelCard | None) -> str:
    if not step:
        return ""
    parameters = step["parameters"]
    text = f"all voxels were segmented with {parameters.get('predictor') or parameters.get('model')}"
    if card is not None and card.temperature != 1.0:
        text += f", its logits divided by {card.temperature:.3g} (temperature scaling)"
    threshold = parameters.get("threshold")
    return text if threshold is None else f"{text}; positive where the score is at least {threshold:g}"


def _describe_step(step: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in step["parameters"].items())
    return f"{step['verb']} ({said})" if said else str(step["verb"])
