"""A model file held against itself when it is loaded: its numbers are ones that a training gives, and its weights are
those of the network that its card names."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from keramos.core.errors import FormatError, KeramosError
from keramos.networks.architecture import ARCHITECTURES, outline_network
from keramos.networks.card import ModelCard, Normalisation, Training

_TEMPERATURES = (0.01, 100.0)
"""Calibration looks from 0.05 to 20."""
_CONTRASTS = (1e-12, 1e12)
_RANGES_AWAY = 1000
"""A mean or deviation so many times the range of the training's grey values makes all of them one."""


def refuse_absurd_model(path: Path, card: ModelCard, weights: Mapping[str, Tensor]) -> None:
    """FormatError, in one sentence, for a model that gives nonsense: weights that are not finite or not of its
    architecture, classes that are not its phases, or constants far from any grey value."""
    try:
        doubt = _odd_card(card) or _odd_weights(card, weights)
    except KeramosError as error:
        raise FormatError(f"expected a model that fits together in {path}: {error}; train it again") from None
    if doubt:
        raise FormatError(
            f"expected a model that fits together in {path}, found {doubt}; the file is damaged or was edited: copy "
            "it or train it again"
        )


def _odd_card(card: ModelCard) -> str:
    """The fault of a card; empty if there is none. VoxelSizeError or LabelError for its phases and voxel size."""
    table, _ = card.phase_table, card.voxel_size
    low, high = _TEMPERATURES
    if not low <= card.temperature <= high:
        return f"a temperature of {card.temperature:g} where {low:g} to {high:g} make sense"
    if not _is_finite(card.model_dump()):
        return "a number that is NaN or infinite in its card"
    classes = card.architecture_settings.get("classes", len(table))
    if classes != len(table):
        return f"a network of {classes} classes for the {len(table)} phases {', '.join(table.names)}"
    others = len(card.further_channels)
    if card.architecture_settings.get("channels", 1) != 1 + others:
        return (
            f"a network of {card.architecture_settings.get('channels', 1)} channels for {1 + others} images of a slice"
        )
    if card.normalisation is not None and len(card.normalisation.others) != others:
        return f"constants of {1 + len(card.normalisation.others)} channels for {1 + others} images of a slice"
    return "" if card.normalisation is None else _odd_constants(card.normalisation, card.training)


def _odd_constants(constants: Normalisation, training: Training) -> str:
    """The fault of the constants that grey values are normalised by."""
    low, high = training.grey_range or (0.0, 0.0)
    width = high - low
    smallest, largest = (width / 1e6, width * _RANGES_AWAY) if width > 0 else _CONTRASTS
    if not smallest <= constants.std <= largest:
        return f"a contrast of {constants.std:g} grey levels" + (
            f" for grey values {low:g} to {high:g}" if width else ""
        )
    if width > 0 and not low - largest <= constants.mean <= high + largest:
        return f"a mean grey level of {constants.mean:g} for grey values {low:g} to {high:g}"
    return ""


def _odd_weights(card: ModelCard, weights: Mapping[str, Tensor]) -> str:
    """The fault of the weights. SettingsError for settings that the architecture does not take."""
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
            return f"NaN or infinity among the weights of {name}"
    if card.architecture not in ARCHITECTURES:
        return ""
    wanted = outline_network(card.architecture, card.architecture_settings).state_dict()
    for name in [*wanted, *weights]:
        if name not in weights or name not in wanted:
            return f"{'no' if name in wanted else 'needless'} weights {name} for {card.architecture}"
        if wanted[name].shape != weights[name].shape:
            return (
                f"weights {name} of shape {tuple(weights[name].shape)} where {card.architecture} has "
                f"{tuple(wanted[name].shape)}"
            )
    return ""


def _is_finite(value: Any) -> bool:
    """Whether all numbers of a JSON value are finite."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list | tuple) else True
