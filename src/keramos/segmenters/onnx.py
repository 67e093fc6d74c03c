"""The segmenter that runs a network from an ONNX file, where PyTorch is not installed or need not be loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Volume
from keramos.core.errors import PixelError
from keramos.core.progress import Progress, silent
from keramos.networks.card import ModelCard
from keramos.networks.onnx_model import OnnxModel, onnx_runtime_version, read_onnx_model, run_session
from keramos.networks.signature import Signature
from keramos.segmenters.card_fit import adapt_card, name_level, reads_backwards, signature_of, takes_level_of_stack
from keramos.segmenters.checks import check_channels
from keramos.segmenters.memory import join_batches
from keramos.segmenters.segmenter import Segmenter


def is_onnx(model: str | Path) -> bool:
    """Whether a path names an ONNX file."""
    return Path(model).suffix.lower() == ".onnx"


@dataclass
class OnnxSegmenter(Segmenter):
    """Runs the network of an ONNX file on every slice of a block, as `NetworkSegmenter` does that of a checkpoint.

    Normalisation and temperature are in the file. A model that takes its grey level from each stack gets the stack's
    grey values moved to those that the file was written for.
    """

    model: OnnxModel
    card: ModelCard
    backwards: bool = False
    threads: int | None = None

    has_scale = True

    def __post_init__(self) -> None:
        self.name, self.phases = self.card.architecture, self.card.phase_table
        self.adapts = takes_level_of_stack(self.card)

    @classmethod
    def open(cls, path: str | Path) -> OnnxSegmenter:
        """The segmenter of a file."""
        model = read_onnx_model(path)
        return cls(model, model.card)

    @cached_property
    def signature(self) -> Signature:
        return signature_of(self.card, self.model.stride, self.model.halo, self.model.bytes_per_pixel)

    @cached_property
    def _session(self) -> Any:
        return self.model.open_session(self.threads)

    def __getstate__(self) -> dict[str, Any]:
        # A worker opens its own session.
        return {k: v for k, v in self.__dict__.items() if k not in ("_session", "signature")}

    def fit_to(self, volume: Volume, progress: Progress = silent) -> OnnxSegmenter:
        """With the order of cutting of this stack; and its grey level, where the model takes it from each stack."""
        check_channels(volume, self)
        backwards = bool(self.model.halo[0]) and reads_backwards(self.card, volume)
        return replace(self, card=adapt_card(self.card, volume, progress), backwards=backwards)

    def limit_threads(self, threads: int) -> None:
        self.threads = threads
        self.__dict__.pop("_session", None)

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        return join_batches(partial(self._slice_scores, pixels), block, self.signature.bytes_per_pixel)

    def _slice_scores(self, pixels: NDArray[Any], start: int, stop: int) -> NDArray[np.float32]:
        """Scores (classes, Z, Y, X) of the whole slices `start` ... `stop` of `pixels` (Z, Y, X, channels); edge slices
        are repeated, and the last row and column up to multiples of the stride."""
        reach = self.model.halo[0]
        offsets = np.arange(-reach, reach + 1)[:: -1 if self.backwards else 1]
        places = np.clip(np.arange(start, stop)[:, None] + offsets, 0, len(pixels) - 1)
        grey = self._to_level_of_file(pixels[places])  # (N, planes, Y, X, channels)
        inputs = np.moveaxis(grey, -1, 1).reshape(stop - start, -1, *pixels.shape[1:3])
        bottom, right = (-n % stride for n, stride in zip(pixels.shape[1:3], self.model.stride[1:], strict=True))
        padded = np.pad(inputs, ((0, 0), (0, 0), (0, bottom), (0, right)), mode="edge")
        scores = run_session(self._session, padded)[:, :, : pixels.shape[1], : pixels.shape[2]].swapaxes(0, 1)
        if np.isnan(scores.sum()):
            raise PixelError(
                f"expected scores from the network {self.name}, found NaN for these grey values: its weights or the "
                "constants of its card do not suit them; train it again on such images"
            )
        return scores

    def _to_level_of_file(self, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """Grey values (..., channels) for which the file's constants give what the card's give for `pixels`."""
        grey = pixels.astype(np.float32)
        channels = grey if self.card.further_channels else grey[..., None]
        constants = self.card.normalisation
        if constants is None or not self.adapts:
            return channels
        stds, own = np.asarray(self.model.stds, np.float32), np.asarray(constants.stds, np.float32)
        means = np.asarray(self.model.means, np.float32)
        return (channels - np.asarray(constants.means, np.float32)) * (stds / own) + means

    def summary(self) -> str:
        return f"ONNX, {self.card.training.steps:,} steps"

    def identity(self) -> str:
        order = " backwards" if self.backwards else ""
        return f"{self.model.sha256} onnxruntime {onnx_runtime_version()}{name_level(self.card)}{order}"
