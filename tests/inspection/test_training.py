"""One thing wrong with a training gives one sentence, that one; nothing wrong gives none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import VOID_SOLID, Finding, PhaseTable
from keramos.inspection import check_training, run_checks
from keramos.inspection.training import is_still_falling
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.networks import ModelCard, Signature
from keramos.segmenters import Segmenter

Card = Callable[..., ModelCard]
Data = Callable[..., AnnotatedSlices]
THREE = PhaseTable.from_names(["void", "solid", "crack"])


@dataclass(frozen=True)
class Says(Segmenter):
    """A model that gives solid everywhere but where the grey value is below `void`, and never a third phase."""

    void: int
    phases: PhaseTable = VOID_SOLID
    signature: Signature = field(default_factory=Signature)
    name: str = "says"

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        void = pixels[block.core_in_read.slices] < self.void
        rest = [np.zeros_like(void)] * (len(self.phases) - 2)
        return np.stack([void, ~void, *rest]).astype(np.float32)

    def identity(self) -> str:
        return "says"


def only(findings: list[Finding], kind: str) -> str:
    assert [finding.kind for finding in findings] == [kind]
    return findings[0].text


def with_cracks(voxels: int) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    """Some of the solid of each slice is called crack."""

    def change(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        changed = codes.copy()
        changed.flat[np.flatnonzero(codes == 1)[: voxels // 2]] = 2
        return changed

    return change


def test_a_good_training_has_none(card: Card, annotated: Data) -> None:
    assert check_training(card(), annotated(), Says(90)) == []
    assert check_training(card(), annotated()) == []


@pytest.mark.parametrize(("voxels", "words"), [(60, "only 60 voxels of crack are"), (0, "no voxel of crack is")])
def test_a_phase_with_few_voxels_is_named(card: Card, annotated: Data, voxels: int, words: str) -> None:
    data = annotated(with_cracks(voxels), THREE)
    text = only(check_training(card(phases=THREE), data, Says(90, THREE)), "few-annotated-voxels")
    assert text.startswith(f"{words} annotated, of 56,320 in all")
    assert "at least 1,000" in text


def test_a_phase_that_the_model_never_gives_is_named(card: Card, annotated: Data) -> None:
    data = annotated(with_cracks(4000), THREE)
    text = only(check_training(card(phases=THREE), data, Says(90, THREE)), "phase-never-predicted")
    assert "never gives crack, not even where it was annotated (2,000 voxels looked at in slice 1)" in text


def test_a_large_slice_is_looked_at_where_the_phase_is(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.inspection.training._EDGE", 64)
    rng = np.random.default_rng(0)
    codes = (rng.random((300, 200)) < 0.8).astype(np.uint8)
    codes[250:290, 150:190] = 2
    grey = (60 + 60 * codes + rng.integers(0, 9, codes.shape)).astype(np.uint8)
    data = AnnotatedSlices((AnnotatedSlice(grey, codes, "a.tif", 7),), THREE, None)
    text = only(check_training(card(phases=THREE), data, Says(90, THREE)), "phase-never-predicted")
    assert "(1,280 voxels looked at in slice 7)" in text


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (2, 0, "moved 2 pixels up they fit better"),
        (0, -1, "moved 1 pixel to the right they fit better"),
        (-3, 2, "moved 3 pixels down and 2 pixels to the left they fit better"),
        (0, 4, "moved at least 4 pixels to the left they fit better"),
    ],
)
def test_shifted_labels_are_told_by_how_much(card: Card, annotated: Data, rows: int, columns: int, words: str) -> None:
    data = annotated(lambda codes: np.roll(codes, (rows, columns), (0, 1)))
    text = only(run_checks("labels", data, []), "misplaced-labels")
    assert f"probably shifted against the image ({words}" in text


def test_a_network_that_has_not_learnt_is_told_to_train_longer(card: Card, annotated: Data) -> None:
    falling = tuple({"loss": 1.2 - 0.03 * i} for i in range(20))
    text = only(check_training(card(0.81, curve=falling), annotated(), Says(0)), "not-learnt")
    assert "IoU of only 0.810 for solid (calling everything solid gives 0.786)" in text
    assert "train longer" in text


def test_or_to_look_at_the_labels_where_more_time_does_not_help(card: Card, annotated: Data) -> None:
    flat = tuple({"loss": 1.04 + 0.01 * (i % 2)} for i in range(20))
    text = only(check_training(card(0.79, curve=flat), annotated(), Says(0)), "not-learnt")
    assert "the loss no longer fell" in text
    assert "see whether the labels fit" in text


def test_a_rare_phase_is_learnt_long_before_a_common_one(card: Card, annotated: Data) -> None:
    mitochondria = PhaseTable.from_names(["background", "mitochondrion"])
    assert check_training(card(0.7, mitochondria, (52_000, 4_000)), annotated()) == []
    text = only(check_training(card(0.4, mitochondria, (52_000, 4_000)), annotated()), "not-learnt")
    assert "0.400 for mitochondrion" in text


def test_a_threshold_is_not_told_to_learn(card: Card, annotated: Data) -> None:
    assert check_training(card(0.5, curve=()), annotated()) == []


def test_a_loss_that_falls() -> None:
    assert is_still_falling([{"loss": 1.0}] * 3)
    assert is_still_falling([{"loss": 1 / (i + 1)} for i in range(30)])
    assert not is_still_falling([{"loss": 0.25 + 0.5**i} for i in range(30)])
