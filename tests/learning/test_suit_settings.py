"""Images that differ in grey level are normalised each by itself, and fresh weights on a processor are moved by Muon,
unless something else was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED, VOID_SOLID
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings
from keramos.learning.image_differences import differs_in_grey_level
from keramos.learning.suit_settings import suit_settings


def blobs(share: float = 0.5) -> NDArray[np.uint8]:
    field = gaussian_filter(np.random.default_rng(0).standard_normal((128, 128)), 4)
    return (field > np.quantile(field, 1 - share)).astype(np.uint8)


def slices(*codes: NDArray[np.uint8], shift: float = 0, scale: float = 1, file: str = "") -> AnnotatedSlices:
    """Each of another file, if none is named; the grey level moves by `shift` and stretches by `scale` from one to the
    next."""
    grey = [(60.0 * (each == 1) + number * shift) * scale**number for number, each in enumerate(codes)]
    pairs = enumerate(zip(grey, codes, strict=True))
    return AnnotatedSlices(tuple(AnnotatedSlice(g, c, file or f"{n}.png", n) for n, (g, c) in pairs), VOID_SOLID, None)


class Heard(Reporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_images_of_other_brightness_and_contrast_differ() -> None:
    assert differs_in_grey_level(slices(blobs(), blobs(), shift=60))
    assert differs_in_grey_level(slices(blobs(0.4), blobs(), blobs(), scale=3))
    strokes = blobs()
    strokes[:, 40:] = NOT_ANNOTATED
    assert differs_in_grey_level(slices(strokes, strokes, shift=60))


def test_images_with_more_of_a_phase_and_slices_of_one_stack_do_not_differ() -> None:
    assert not differs_in_grey_level(slices(blobs(0.2), blobs(0.8)))
    assert not differs_in_grey_level(slices(blobs(), blobs(), shift=15))
    assert not differs_in_grey_level(slices(blobs(), blobs(), shift=60, file="stack.tif"))
    assert not differs_in_grey_level(slices(blobs()))


@pytest.mark.parametrize(
    ("shift", "chosen", "adapts", "said"),
    [
        (60, {}, True, 1),
        (0, {}, False, 0),
        (60, {"adapts": False}, False, 0),
        (0, {"adapts": True}, True, 0),
        (60, {"model": "unet", "epochs": 1}, False, 0),
    ],
)
def test_what_was_left_open_is_chosen(shift: float, chosen: dict[str, Any], adapts: bool, said: int) -> None:
    heard, settings = Heard(), TrainSettings(**chosen)
    suited = suit_settings(settings, slices(blobs(), blobs(), shift=shift), heard, fresh=True)
    further = {name: getattr(suited, name) for name in ("optimiser", "layers", "skeleton_recall")}
    assert suited == replace(settings, adapts=adapts, **further)
    assert len(heard.notes) == said


@pytest.mark.parametrize(
    ("chosen", "fresh", "optimiser", "batch", "rate"),
    [
        ({}, True, "muon", 8, 1e-2),
        ({}, False, "adamw", 16, 2e-3),
        ({"optimiser": "adamw"}, True, "adamw", 16, 2e-3),
        ({"optimiser": "muon", "batch": 6, "learning_rate": 1e-3}, False, "muon", 6, 1e-3),
        ({"model": "unet", "epochs": 1}, True, None, 8, 1e-3),
    ],
)
def test_fresh_weights_on_a_processor_are_moved_by_muon(
    chosen: dict[str, Any], fresh: bool, optimiser: str | None, batch: int, rate: float
) -> None:
    settings = TrainSettings(device="cpu", **chosen)
    suited = suit_settings(settings, slices(blobs()), Reporter(), fresh=fresh)
    assert (suited.optimiser, suited.batch_size, suited.rate) == (optimiser, batch, rate)


def test_other_devices_are_for_adamw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert suit_settings(TrainSettings(), slices(blobs()), Reporter(), fresh=True).optimiser == "adamw"


def test_the_papers_networks_take_no_optimiser() -> None:
    with pytest.raises(SettingsError, match="expected a compact network for an optimiser, found unet"):
        TrainSettings(model="unet", optimiser="muon")
