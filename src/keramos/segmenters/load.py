"""Segmenters by name or from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keramos.core import Volume, did_you_mean
from keramos.core.errors import FormatError, MissingFileError, SettingsError
from keramos.networks.bundled import BUNDLED, load_bundled
from keramos.networks.checkpoint import Checkpoint, load_checkpoint
from keramos.segmenters.onnx import OnnxSegmenter, is_onnx
from keramos.segmenters.segmenter import SEGMENTERS, Segmenter

if TYPE_CHECKING:
    from keramos.core.registry import Registry
    from keramos.networks import Architecture


def load_segmenter(model: str | Path, volume: Volume, *, device: str = "cpu", **options: Any) -> Segmenter:
    """The segmenter of that name, the bundled model of that name, or the one in a checkpoint file, for the grey values
    of `volume`; with `options` of its own, of which those that are None are left as they are.

    Raises:
        MissingFileError, FormatError: `model` is neither a name nor a checkpoint.
        SettingsError: it has no such option.
    """
    if str(model) in SEGMENTERS:
        return SEGMENTERS[str(model)].for_volume(volume).with_options(**options)
    checkpoint = load_bundled(str(model), volume.shape[0], volume.voxel_size)
    if checkpoint is None and not Path(model).is_file():
        near = did_you_mean(Path(model).name, [*SEGMENTERS, *BUNDLED])
        raise MissingFileError(
            f"expected a model file, {', '.join(SEGMENTERS)} or {' or '.join(BUNDLED)}, found no file "
            f"'{model}'{near or '; train one with `keramos train`'}"
        )
    if checkpoint is None and is_onnx(model):
        return OnnxSegmenter.open(model).with_options(**options)
    return segmenter_of(checkpoint or load_checkpoint(model), device=device).with_options(**options)


def segmenter_of(checkpoint: Checkpoint, *, device: str = "cpu") -> Segmenter:
    """The segmenter that a checkpoint holds: a network, or a method whose parameters were chosen on a slice."""
    card = checkpoint.card
    if card.architecture in SEGMENTERS:
        try:
            return SEGMENTERS[card.architecture].from_parameters(card.phase_table, card.architecture_settings)
        except (SettingsError, TypeError, ValueError, AttributeError):
            raise FormatError(
                f"expected the parameters of {card.architecture} in the card of the model, found others or none; the "
                "file was made by another version or edited: train it again"
            ) from None
    from keramos.segmenters.network import NetworkSegmenter  # late: PyTorch takes two seconds to load

    return NetworkSegmenter(checkpoint, device)


def refuse_unknown_model(name: str) -> None:
    """SettingsError, with the nearest name, unless there is a network or a method of that name to be trained."""
    names = (*_architectures(), *SEGMENTERS)
    if name not in names:
        raise SettingsError(
            f"expected a model named {', '.join(names)}, found '{name[:80]}'{did_you_mean(name, names)}"
        )


def planes_of(model: str) -> int:
    """The number of neighbouring slices that the architecture or segmenter of that name reads; 1 for other names.

    Example:
        >>> planes_of("compact-7"), planes_of("otsu")
        (7, 1)
    """
    if model in _architectures():
        return _architectures()[model].planes
    return 2 * SEGMENTERS[model].signature.halo[0] + 1 if model in SEGMENTERS else 1


def _architectures() -> Registry[Architecture]:
    from keramos.networks.architecture import ARCHITECTURES  # late: PyTorch takes two seconds to load

    return ARCHITECTURES
