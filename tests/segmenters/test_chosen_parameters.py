"""Parameters of the thresholds are those that are best on the annotated pixels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED, VOID_SOLID, PhaseTable
from keramos.core.errors import LabelError
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.segmenters import Otsu, Sauvola
from keramos.segmenters.methods.sauvola import KS, SIGMAS, WINDOWS


def material(dark_solid: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    codes = (gaussian_filter(rng.standard_normal((60, 70)), 3) > -0.03).astype(np.uint8)
    solid, void = (70, 130) if dark_solid else (130, 70)
    grey = np.where(codes == 1, solid, void) + np.linspace(0, 40, 60)[:, None] + rng.normal(0, 25, codes.shape)
    return np.clip(grey, 0, 255).astype(np.uint8), codes


def annotated(grey: NDArray[np.uint8], codes: NDArray[np.uint8], phases: PhaseTable = VOID_SOLID) -> AnnotatedSlices:
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "image", 0),), phases, None)


def iou(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    return float(np.sum(found & true) / np.sum(found | true))


@pytest.mark.parametrize("dark_solid", [False, True])
@pytest.mark.parametrize("positive", ["void", "solid"])
def test_no_other_parameters_of_the_search_are_better(dark_solid: bool, positive: str) -> None:
    grey, codes = material(dark_solid)
    phases = PhaseTable.from_names(["void", "solid"], positive)
    codes[:, :10] = NOT_ANNOTATED
    chosen = Sauvola().choose_parameters(annotated(grey, codes, phases), half_range=128.0)
    assert chosen.bright == (0 if dark_solid else 1)

    def score(sauvola: Sauvola) -> float:
        found = np.where(sauvola.is_bright(grey), sauvola.bright, 1 - sauvola.bright)
        known = codes != NOT_ANNOTATED
        return iou((found == phases.positive)[known], (codes == phases.positive)[known])

    best = score(chosen)
    rng = np.random.default_rng(1)
    for _ in range(60):
        sigma, window, k = (rng.choice(choices) for choices in (SIGMAS, WINDOWS, KS))
        other = Sauvola(phases, bright=chosen.bright, sigma=float(sigma), window=int(window), k=float(k))
        assert score(other) <= best + 1e-12
    assert best > score(Sauvola(phases, bright=chosen.bright, sigma=0.0, window=15, k=0.2))


def test_otsu_learns_which_phase_is_darker() -> None:
    grey, codes = material(dark_solid=True)
    assert Otsu().choose_parameters(annotated(grey, codes), half_range=128.0).codes_by_grey == (1, 0)
    grey, codes = material()
    assert Otsu().choose_parameters(annotated(grey, codes), half_range=128.0).codes_by_grey == (0, 1)


def test_every_phase_must_be_annotated() -> None:
    grey, codes = material()
    phases = PhaseTable.from_names(["void", "solid", "crack"])
    with pytest.raises(LabelError, match="found none of crack; annotate some"):
        Otsu().choose_parameters(annotated(grey, codes, phases), half_range=128.0)
