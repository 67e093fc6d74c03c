"""Layers that can be laid over the image: the truth, each method's labels, its errors and its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable
from keramos.reports.browser.sprites import Rgba
from keramos.reports.browser.view import View
from keramos.reports.content import MethodResult, ReportContent, Scores
from keramos.reports.slice_panel import WRONG
from keramos.scoring.overlay import FALSE_NEGATIVE, FALSE_POSITIVE

Legend = tuple[tuple[str, str], ...]

SCORE_LEVELS = 16
# Dark blue over grey to yellow (after cividis): even in brightness, for colour-blind readers too.
_SCORE_COLOURS = ((0, 34, 78), (60, 77, 110), (124, 123, 120), (187, 173, 108), (254, 232, 56))
_CLEAR: Rgba = (0, 0, 0, 0)
_RIGHT, _WRONG, _MISSED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Layer:
    """A name, a palette with transparency, what its colours mean, and palette indices of the slice z as shown (Y X)."""

    name: str
    palette: tuple[Rgba, ...]
    legend: Legend
    indices: Callable[[View, int], NDArray[np.uint8]]


def layers(content: ReportContent) -> tuple[Layer, ...]:
    """For each method its labels, errors (where the truth is known) and scores (where it has them), then the truth.

    The best method comes first.
    """
    best = content.scored[:1]
    found: list[Layer] = []
    for method in (*best, *(m for m in content.methods if m not in best)):
        found.append(_labels(method.name, method.labels))
        if content.truth is not None:
            found.append(_errors(method, content.truth))
        if method.scores is not None:
            found.append(_scores(method.name, method.scores))
    if content.truth is not None:
        found.append(_labels("Truth", content.truth))
    return tuple(found)


def _labels(name: str, labels: LabelVolume) -> Layer:
    phases = labels.phases
    palette = (*((*phase.rgb, 255) for phase in phases), _CLEAR)
    table = np.full(256, len(phases), np.uint8)
    table[: len(phases)] = np.arange(len(phases))

    def indices(view: View, z: int) -> NDArray[np.uint8]:
        return view.most_frequent(table[_slice(labels, z)])

    return Layer(name, palette, tuple((phase.colour, phase.name) for phase in phases), indices)


def _errors(method: MethodResult, truth: LabelVolume) -> Layer:
    """Wrong voxels in colour, the image where right or not known; two kinds of error for two phases."""
    phases = truth.phases

    def indices(view: View, z: int) -> NDArray[np.uint8]:
        found, true = _slice(method.labels, z), _slice(truth, z)
        wrong = (found != true) & (found != NOT_ANNOTATED) & (true != NOT_ANNOTATED)
        missed = wrong & (true == phases.positive) & (len(phases) == 2)
        return view.most_frequent(np.where(missed, _MISSED, np.where(wrong, _WRONG, _RIGHT)).astype(np.uint8))

    kinds = (FALSE_POSITIVE, FALSE_NEGATIVE) if len(phases) == 2 else (WRONG,)
    legend = tuple(zip(map(_hex, kinds), _error_names(phases), strict=True))
    return Layer(f"{method.name}: errors", (_CLEAR, *((*rgb, 255) for rgb in kinds)), legend, indices)


def _error_names(phases: PhaseTable) -> tuple[str, ...]:
    if len(phases) > 2:
        return ("wrong",)
    positive, other = phases.names[phases.positive], phases.names[1 - phases.positive]
    return f"{other} taken for {positive} (false positive)", f"{positive} missed (false negative)"


def _scores(name: str, scores: Scores) -> Layer:
    code = scores.phases.positive
    colours = [_score_colour(level / (SCORE_LEVELS - 1)) for level in range(SCORE_LEVELS)]

    def indices(view: View, z: int) -> NDArray[np.uint8]:
        values = view.mean(scores.read(_box(scores.shape[1:], z))[code, 0])
        return np.asarray(np.round(values * ((SCORE_LEVELS - 1) / 255)), np.uint8)

    phase = scores.phases.names[code]
    legend = tuple((_hex(_score_colour(p)), f"score of {phase} {p:g}") for p in (0.0, 0.5, 1.0))
    return Layer(f"{name}: scores", tuple((*rgb, 255) for rgb in colours), legend, indices)


def _score_colour(share: float) -> tuple[int, int, int]:
    places = np.linspace(0, 1, len(_SCORE_COLOURS))
    red, green, blue = (round(float(np.interp(share, places, c))) for c in zip(*_SCORE_COLOURS, strict=True))
    return (red, green, blue)


def _slice(labels: LabelVolume, z: int) -> NDArray[np.uint8]:
    codes: NDArray[np.uint8] = labels.read(_box(labels.shape[1:], z))[0]
    return codes


def _box(size: tuple[int, ...], z: int) -> Box:
    return Box((z, 0, 0), (z + 1, size[0], size[1]))


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
