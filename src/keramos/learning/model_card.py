"""The card of a trained model: its data, settings, course and versions."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import torch

from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.loop import LoopResult
from keramos.learning.settings import TrainSettings
from keramos.networks import ARCHITECTURES, ChannelRow, ModelCard, Normalisation, Training, phase_rows


def make_card(
    data: AnnotatedSlices,
    settings: TrainSettings,
    result: LoopResult,
    device: str,
    *,
    architecture_settings: dict[str, Any],
    normalisation: Normalisation | None,
) -> ModelCard:
    """The card of a model that was fitted to `data`, without scores."""
    files = data.files()
    training = Training(
        images=tuple(image for image, _ in files),
        annotated_slices=tuple(files.values()),
        annotated_voxels=data.annotated_voxels,
        phase_voxels=data.phase_voxels(),
        data_sha256=data.sha256(),
        sources=tuple(source for _, source in files),
        grey_dtype=str(data.slices[0].grey.dtype),
        grey_range=data.grey_range(),
        seed=settings.seed,
        steps=result.steps,
        seconds=round(result.seconds, 2),
        device=device,
        threads=torch.get_num_threads(),
        settings=settings.to_json() if settings.model in ARCHITECTURES else {},
        curve=tuple(result.curve),
        rounds=result.rounds,
        kept_share=1.0 if settings.model in ARCHITECTURES else None,
    )
    return ModelCard(
        architecture=settings.model,
        architecture_settings=architecture_settings,
        phases=phase_rows(data.phases),
        positive=data.phases.positive,
        normalisation=normalisation,
        voxel_size_nm=data.voxel_size.zyx if data.voxel_size else None,
        z_offsets_nm=_offsets(data),
        cutting_order=data.cutting_order,
        channel=data.channel_names[0] if data.channels > 1 else "",
        further_channels=further_channels(data),
        training=training,
        scores={},
        versions={name: version(name) for name in ("keramos", "torch", "numpy", "scikit-image")},
    )


def further_channels(data: AnnotatedSlices) -> tuple[ChannelRow, ...]:
    """The channels but the first."""
    names = data.channel_names
    return tuple(
        ChannelRow(name=names[number], grey_dtype=str(data.grey(number)[0].dtype), grey_range=data.grey_range(number))
        for number in range(1, data.channels)
    )


def _offsets(data: AnnotatedSlices) -> tuple[float, ...]:
    """Offsets of the planes that a network reads, in nm, where the distance of slices is known."""
    reach = len(data.slices[0].seen) // 2
    if data.voxel_size is None or not reach:
        return (0.0,)
    return tuple(offset * data.voxel_size.z_nm for offset in range(-reach, reach + 1))
