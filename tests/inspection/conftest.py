"""A good case to spoil in one way at a time: phantom slices with their truth, and the card of a good training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, PhaseTable
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.networks import ModelCard, Training, phase_rows
from keramos.simulation import Phantom, make_phantom

Codes = NDArray[np.uint8]
LEARNT = tuple({"step": float(i), "loss": 0.25 + 0.7 * 0.5**i} for i in range(20))


@pytest.fixture(scope="session")
def world() -> Phantom:
    return make_phantom((6, 160, 176), seed=2)


@pytest.fixture(scope="session")
def annotated(world: Phantom) -> Callable[..., AnnotatedSlices]:
    """Annotated slices 1 and 4 of the world; `change` spoils the codes of each."""

    def make(change: Callable[[Codes], Codes] = np.copy, phases: PhaseTable = VOID_SOLID) -> AnnotatedSlices:
        grey, truth = world.images.read(), world.truth.read()
        slices = tuple(AnnotatedSlice(grey[z], change(truth[z]), "stack.tif", z) for z in (1, 4))
        return AnnotatedSlices(slices, phases, world.images.voxel_size)

    return make


@pytest.fixture(scope="session")
def card() -> Callable[..., ModelCard]:
    """The card of a network that has learnt void and solid, or of what `more` says."""

    def make(
        iou: float = 0.95,
        phases: PhaseTable = VOID_SOLID,
        voxels: tuple[int, ...] | None = None,
        curve: tuple[dict[str, float], ...] = LEARNT,
        **more: Any,
    ) -> ModelCard:
        voxels = (12_000, 44_000, 5_000)[: len(phases)] if voxels is None else voxels
        training = Training(
            images=("stack.tif",),
            annotated_slices=((1, 4),),
            annotated_voxels=sum(voxels),
            phase_voxels=voxels,
            data_sha256="0",
            seed=0,
            steps=20,
            seconds=1,
            device="cpu",
            settings={},
            curve=curve,
            **more,
        )
        return ModelCard(
            architecture="compact",
            architecture_settings={},
            phases=phase_rows(phases),
            positive=phases.positive,
            normalisation=None,
            voxel_size_nm=None,
            training=training,
            scores={"training_iou": iou},
            versions={},
        )

    return make
