"""The methods text says what labels and the card of their model hold, and nothing that they do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from keramos.core import VOID_SOLID, LabelVolume, Volume, VoxelSize
from keramos.core.provenance import Provenance, Step
from keramos.networks import ModelCard
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
        "1,234 voxels on 3 slices (z = 2–3, 9) were annotated (1,000 void, 234 solid) [who drew the labels, and how]."
    )
    assert said["Annotation"] == annotated
    assert "compact-3 reads 3 neighbouring slices" in said["Network"]
    assert said["Training"].replace("\u00a0", " ") == (
        "It was trained for 1,500 steps (90 s, cuda) on random crops of 96 × 96 pixels, 8 a step, by muon (learning "
        "rate 0.02), augmented by rotation and noise, seed 5."
    )
    assert said["Hold-out"] == (
        "The IoU on held-out annotation is 0.951; the trained network is kept; nothing is removed."
    )
    assert "divided by 1.25" in said["Segmentation"]
    assert "at least 0.4" in said["Segmentation"]
    assert said["Post-processing"] == "Remove specks (smaller than 30)."
    assert said["Versions"] == "Torch 2.9."


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
