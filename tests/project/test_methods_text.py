"""The methods text says what labels and the card of their model hold, and nothing that they do not."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from keramos.core import VOID_SOLID, LabelVolume, Volume, VoxelSize
from keramos.core.provenance import Provenance, Step
from keramos.learning.augmentation import usual_ranges
from keramos.networks import ModelCard, WeightsRow
from keramos.networks.card import Normalisation, PhaseRow, Training
from keramos.project.reporting.methods_text import describe_methods

VOXEL = VoxelSize(20, 5, 4)
IMAGES = Volume.from_array(np.zeros((6, 8, 10), np.uint8), VOXEL)
LABELS = LabelVolume.from_array(np.zeros((6, 8, 10), np.uint8), VOID_SOLID)


def lines(text: str) -> dict[str, str]:
    return dict(line.split(". ", 1) for line in text.splitlines())


@pytest.fixture
def card() -> ModelCard:
    settings: dict[str, Any] = {"crop": 96, "batch": 8, "optimiser": "muon", "learning_rate": 0.02, "weight_decay": 0.0}
    training = Training(
        images=("a.tif",), annotated_slices=((2, 3, 9),), annotated_voxels=1234, phase_voxels=(1000, 234),
        data_sha256="0", seed=5, steps=1500, seconds=90.0, device="cuda",
        settings={**settings, "augmentation": {"rotation": 0.1, "noise": 0.3, "inside": False}},
        choice="the trained network is kept", decision="nothing is removed",
    )  # fmt: skip
    return ModelCard(
        architecture="compact-3", architecture_settings={}, positive=1, temperature=1.25,
        phases=tuple(PhaseRow(name=phase.name, colour=phase.colour) for phase in VOID_SOLID),
        normalisation=Normalisation(mean=1, std=1), voxel_size_nm=(20, 5, 4), z_offsets_nm=(-20, 0, 20),
        training=training, scores={"held_out_iou": 0.9512}, versions={},
    )  # fmt: skip


def test_each_paragraph_says_what_is_known(card: ModelCard) -> None:
    segmented = Step("segment", {"predictor": "compact-3", "threshold": 0.4}, {}, {"torch": "2.9"})
    labels = replace(LABELS, provenance=Provenance((segmented, Step("remove specks", {"smaller_than": 30}, {}, {}))))
    said = lines(describe_methods(IMAGES, labels, card))
    assert list(said) == [
        "Images", "Preparation", "Annotation", "Network", "Training", "Hold-out", "Segmentation", "Post-processing",
        "Versions",
    ]  # fmt: skip
    assert said["Images"].startswith("The FIB-SEM stack has 6 × 8 × 10 voxels of 20 × 5 × 4 nm (z y x) [microscope")
    annotated = (
        "1,234 voxels on 3 slices (z = 2–3, 9) were learnt (1,000 void, 234 solid) [who drew the labels, and how]."
    )
    assert said["Annotation"] == annotated
    assert "compact-3 reads 3 neighbouring slices" in said["Network"]
    assert said["Training"].replace("\u00a0", " ") == (
        "It was trained for 1,500 steps (90 s, cuda) on random crops of 96 × 96 pixels, 8 a step, by Muon (learning "
        "rate 0.02), augmented by rotation and noise, seed 5."
    )
    assert said["Hold-out"] == (
        "The IoU on held-out annotation is 0.951; the trained network is kept; nothing is removed."
    )
    assert "divided by 1.25" in said["Segmentation"]
    assert "at least 0.4" in said["Segmentation"]
    assert said["Post-processing"] == "Remove specks (smaller than 30)."
    assert said["Versions"] == "Torch 2.9."


BUNDLED = WeightsRow(source="bundled", name="porous-solid", sha256="0123456789abcdef")
FACTS: dict[str, Any] = {
    "start": BUNDLED, "drawn_voxels": (1500, 500), "drawn_slices": ((2, 3, 9, 10),), "outlines_moved_px": -1.23,
    "held_out_share": 0.15, "kept_share": 0.25,
}  # fmt: skip


def of_training(card: ModelCard, **facts: Any) -> dict[str, str]:
    training = card.training.model_copy(update={**FACTS, **facts})
    text = describe_methods(IMAGES, LABELS, card.model_copy(update={"training": training}))
    return lines(text.replace("\u00a0", " "))


def test_the_annotation_is_told_as_it_was_drawn_and_what_was_done_with_it(card: ModelCard) -> None:
    said = of_training(card)
    assert said["Annotation"] == (
        "2,000 voxels on 4 slices (z = 2–3, 9–10) were annotated (1,500 void, 500 solid) [who drew the labels, and "
        "how]; before the training Keramos moved all outlines by 1.2 pixels onto those in the images, so that the "
        "bright phases shrank."
    )
    assert said["Hold-out"].startswith(
        "15.0 % of the annotated voxels, in squares of the image plane, were held out of the training; 1,234 voxels on "
        "3 slices were learnt (1,000 void, 234 solid), apart from a margin around these squares; the IoU on"
    )
    ended = of_training(card, rounds=({"seconds": 0.0, "iou": 0.8}, {"seconds": 90.001, "iou": 0.8}))["Training"]
    assert "it stopped early, when a round of the training gained hardly anything on held-out annotation" in ended
    assert "early" not in of_training(card, rounds=({"seconds": 0.0, "iou": 0.8},))["Training"]
    plain = of_training(card, outlines_moved_px=0.0, held_out_share=0.0)
    assert "moved" not in plain["Annotation"]
    assert plain["Hold-out"].startswith("No annotation was held out of the training; the IoU")


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({}, "weights 25% of the way from those that it began with to the trained ones are kept."),
        ({"kept_share": 1.0}, "the trained weights are kept."),
        ({"kept_share": 0.0}, "nothing of this training is kept: the weights are those that it began with, unchanged."),
        (
            {"kept_share": 0.0, "start": WeightsRow(source="fresh"), "rival": BUNDLED},
            "nothing of this training is kept: the weights are the bundled weights porous-solid (SHA-256 "
            "0123456789ab…), unchanged.",
        ),
    ],
)
def test_the_training_is_told_with_where_it_began_and_what_is_kept(
    card: ModelCard, facts: dict[str, Any], end: str
) -> None:
    said = of_training(card, **facts)["Training"]
    began = (
        "fresh weights"
        if "start" in facts
        else ("the bundled weights porous-solid (SHA-256 0123456789ab…), which were trained on phantoms only,")
    )
    assert said.startswith(f"It began with {began} and was trained for 1,500 steps (90 s, cuda) on random crops")
    assert said.endswith(f"augmented by rotation and noise, seed 5; {end}")


def test_no_name_of_a_parameter_is_in_the_text(card: ModelCard) -> None:
    settings = {"optimiser": "adamw", "augmentation": asdict(usual_ranges(7))}
    said = of_training(card, settings=settings)["Training"]
    assert " by AdamW, " in said
    assert (
        "augmented by rotation, mirroring, zoom, contrast, brightness, shading gradients, noise, shifts of "
        "neighbouring slices, brightness changes of neighbouring slices and missing neighbouring slices, seed"
    ) in said
    of_one = card.model_copy(update={"z_offsets_nm": (0.0,)})
    alone = of_training(of_one, settings={"augmentation": asdict(usual_ranges(1))})["Training"]
    changes = "rotation by any angle, mirroring, zoom, contrast, brightness, shading gradients and noise"
    assert f"augmented by {changes}, seed" in alone


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert list(lines(describe_methods(IMAGES, LABELS, None))) == ["Images", "Preparation"]


def test_a_preparation_and_a_simulation_are_told() -> None:
    facts = {
        "slices": ["a", "b"],
        "bar_rows": 60,
        "shifts_px": [[0, 0], [0.5, 0]],
        "remedies": {"curtains": "curtains removed"},
    }
    simulated = Step("phantom", {"preset": "p", "severity": 0.5, "seed": 3}, {}, {})
    labels = replace(LABELS, provenance=Provenance((simulated,)))
    said = lines(describe_methods(replace(IMAGES, facts=facts), labels, None))
    assert said["Preparation"] == (
        "2 slices were kept; the information bar (60 rows) was cut off; slices were aligned by sub-pixel translation; "
        "curtains removed."
    )
    assert "is simulated (preset p, severity 0.5, seed 3)" in said["Images"]
