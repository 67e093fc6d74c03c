"""A stack that is unlike the annotated slices in one way gives one sentence; a stack like them gives none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import PhaseTable, Volume
from keramos.inspection import check_segmentation
from keramos.networks import ModelCard, Normalisation
from keramos.simulation import Phantom

Card = Callable[..., ModelCard]
THREE = PhaseTable.from_names(["void", "solid", "crack"])
ALIKE = {"void": 0.24, "solid": 0.76}


@pytest.fixture(scope="session")
def learnt(card: Card, world: Phantom) -> ModelCard:
    low, high = np.percentile(world.images.read()[1], [1, 99])
    return card(grey_range=(float(low), float(high)))


def only(card: ModelCard, volume: Volume, fractions: dict[str, float], kind: str) -> str:
    findings = check_segmentation(card, volume, fractions)
    assert [finding.kind for finding in findings] == [kind]
    return findings[0].text


def changed(world: Phantom, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Volume:
    grey = np.clip(change(world.images.read().astype(float)), 0, 255).astype(np.uint8)
    return Volume.from_array(grey, world.images.voxel_size, "other.tif")


def test_a_stack_like_the_slices_has_none(learnt: ModelCard, world: Phantom) -> None:
    assert check_segmentation(learnt, world.images, ALIKE) == []
    a_bit = changed(world, lambda grey: 1.2 * grey - 10)
    assert check_segmentation(learnt, a_bit, {"void": 0.36, "solid": 0.64}) == []


def test_a_dark_a_flat_and_a_bright_stack(learnt: ModelCard, world: Phantom) -> None:
    nothing = {"void": 1.0, "solid": 0.0}  # which the grey values explain
    assert "lie outside those" in only(learnt, changed(world, lambda g: g / 8), nothing, "other-grey-values")
    flat = only(learnt, changed(world, lambda g: 100 + (g - 100) / 2), ALIKE, "other-grey-values")
    assert "times the contrast" in flat
    assert flat.startswith("other.tif has 0.5")
    bright = only(learnt, changed(world, lambda g: g + 42), ALIKE, "other-grey-values")
    assert "much brighter" in bright


def test_a_model_that_adapts_to_each_stack_does_not_mind(learnt: ModelCard, world: Phantom) -> None:
    adapts = learnt.model_copy(update={"normalisation": Normalisation(mean=0, std=1, scope="stack")})
    assert check_segmentation(adapts, changed(world, lambda g: g / 8), ALIKE) == []


def test_far_more_or_less_of_a_phase(learnt: ModelCard, world: Phantom) -> None:
    less = only(learnt, world.images, {"void": 0.53, "solid": 0.47}, "other-amount")
    assert "far less solid (47 %) than the annotated slices (79 %)" in less
    more = only(learnt, world.images, {"void": 0.05, "solid": 0.95}, "other-amount")
    assert "far more solid (95 %)" in more


def test_a_phase_that_is_nowhere(learnt: ModelCard, card: Card, world: Phantom) -> None:
    text = only(learnt, world.images, {"void": 0.0, "solid": 1.0}, "phase-never-predicted")
    assert "no voxel of the stack is called void, which is 21 % of what was annotated" in text
    three = card(phases=THREE, voxels=(12_000, 40_000, 4_000))
    cracks = only(three, world.images, {"void": 0.2, "solid": 0.8, "crack": 0.0}, "phase-never-predicted")
    assert "called crack" in cracks


def test_a_phase_hardly_annotated_and_a_card_of_old_are_not_judged(card: Card, world: Phantom) -> None:
    three = card(phases=THREE, voxels=(12_000, 44_000, 300))
    assert check_segmentation(three, world.images, {**ALIKE, "crack": 0.0}) == []
    assert check_segmentation(card(voxels=()), world.images, {"void": 0.9, "solid": 0.1}) == []


def test_images_of_inverted_contrast(learnt: ModelCard, world: Phantom) -> None:
    mean = float(world.images.read()[1].mean())
    for scope in ("fixed", "stack"):
        card = learnt.model_copy(update={"normalisation": Normalisation(mean=mean, std=30, scope=scope)})
        assert check_segmentation(card, world.images, ALIKE) == []
        text = only(card, changed(world, lambda grey: 230 - grey), ALIKE, "inverted-contrast")
        assert text.startswith("most of other.tif is dark, where most of what the model was trained on was bright")
