"""Paragraphs for a manuscript on how labels came to be, from what the labels and their model's card hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keramos.core import LabelVolume, Volume
from keramos.networks import ModelCard
from keramos.project.segmentation_facts import facts_of
from keramos.reports.plain_words import count, duration, join_words, ranges

_SCORES = {"held_out_iou": "IoU on held-out annotation", "training_iou": "IoU on the annotation that was learnt"}


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
    slices = [z for rows in training.annotated_slices for z in rows]
    names = [phase.name for phase in card.phases]
    amounts = [f"{n:,} {name}" for name, n in zip(names, training.phase_voxels, strict=False)]
    shares = f" ({', '.join(amounts)})" if amounts else ""
    where = f"{count(len(slices), 'slice')} (z = {ranges(slices)})" if slices else "no slice"
    drawn = f"{training.annotated_voxels:,} voxels on {where} were annotated{shares} [who drew the labels, and how]"
    planes = len(card.z_offsets_nm)
    reads = "one slice at a time" if planes == 1 else f"{planes} neighbouring slices for the middle one"
    scores = [f"the {_SCORES.get(name, name.replace('_', ' '))} is {value:.3f}" for name, value in card.scores.items()]
    held_out = [*scores, training.choice, training.decision]
    return {
        "Annotation": drawn,
        "Network": f"the network {card.architecture} reads {reads} and gives scores of {join_words(names)}",
        "Training": _describe_training(card, settings) if training.steps else "",
        "Hold-out": "; ".join(part for part in held_out if part),
    }


def _describe_training(card: ModelCard, settings: Mapping[str, Any]) -> str:
    training = card.training
    crops = ""
    if settings.get("crop") and settings.get("batch"):
        crops = f" on random crops of {settings['crop']} × {settings['crop']} pixels, {settings['batch']} a step,"
    named = [name for name in ("learning_rate", "weight_decay") if settings.get(name)]
    rates = join_words([f"{name.replace('_', ' ')} {settings[name]:g}" for name in named] or [""])
    optimiser = f" by {settings['optimiser']}" if settings.get("optimiser") else ""
    changed = [name.replace("_", " ") for name, value in dict(settings.get("augmentation") or {}).items() if value]
    augmented = f", augmented by {join_words(changed)}" if changed else ""
    effort = f"{duration(training.seconds)}, {training.device}"
    return (
        f"it was trained for {training.steps:,} steps ({effort}){crops}{optimiser}{f' ({rates})' if rates else ''}"
        f"{augmented}, seed {training.seed}"
    )


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
