"""The segmenter that runs a trained network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from keramos.blocks import Block
from keramos.core import Triple, Volume
from keramos.core.errors import PixelError
from keramos.core.progress import Progress, Reporter, silent
from keramos.networks.card import Normalisation
from keramos.networks.checkpoint import Checkpoint
from keramos.networks.signature import Signature
from keramos.segmenters.backend_choice import choose_backend
from keramos.segmenters.backends import EXACT, Run, build_backend
from keramos.segmenters.card_fit import adapt_card, name_level, reads_backwards, signature_of, takes_level_of_stack
from keramos.segmenters.checks import check_channels
from keramos.segmenters.memory import join_batches
from keramos.segmenters.own_options import NetworkOptions
from keramos.segmenters.segmenter import Segmenter


@dataclass
class NetworkSegmenter(Segmenter):
    """Runs the network of a checkpoint on every slice of a block, with the neighbours that it reads.

    With `average_views` the scores are averaged over the eight flips and rotations of the slice: slower by eight, a
    little more accurate. A network that sees neighbours knows the direction of the line of sight: it is mirrored in x
    only, which makes two views. Beyond an end of the volume edge slices are repeated (edge padding). `backwards` reads
    the neighbours in the other order: of a stack whose slices are numbered against the order of cutting. `backend`
    runs the network.
    """

    checkpoint: Checkpoint
    device: str = "cpu"
    average_views: bool = False
    backwards: bool = False
    backend: str = EXACT

    has_scale = True
    options = NetworkOptions

    def __post_init__(self) -> None:
        self.card = card = self.checkpoint.card
        self.name, self.phases = card.architecture, card.phase_table
        self.adapts = takes_level_of_stack(card)

    @cached_property
    def signature(self) -> Signature:
        network = self.checkpoint.network()
        return signature_of(self.checkpoint.card, network.stride, network.halo, network.bytes_per_pixel)

    @cached_property
    def _network(self) -> Run:
        return build_backend(self.checkpoint.network(), self.backend, self.device)

    def __getstate__(self) -> dict[str, Any]:
        # A worker builds its own network: the folded one stays here.
        return {k: v for k, v in self.__dict__.items() if k not in ("_network", "signature")}

    def fit_to(self, volume: Volume, progress: Progress = silent) -> NetworkSegmenter:
        """With the order of cutting of this stack; and its grey level and contrast, where the model takes them from
        each stack."""
        check_channels(volume, self)
        card = self.checkpoint.card
        backwards = bool(self.signature.halo[0]) and reads_backwards(card, volume)
        adapted = adapt_card(card, volume, progress)
        return replace(self, backwards=backwards, checkpoint=replace(self.checkpoint, card=adapted))

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        return join_batches(partial(self._slice_scores, pixels), block, self.signature.bytes_per_pixel)

    @torch.inference_mode()
    def _slice_scores(self, pixels: NDArray[Any], start: int, stop: int) -> NDArray[np.float32]:
        """Scores (classes, Z, Y, X) of the whole slices `start` ... `stop` of `pixels` (Z, Y, X, channels)."""
        reach = self.signature.halo[0]
        offsets = np.arange(-reach, reach + 1)[:: -1 if self.backwards else 1]
        planes_read = np.arange(start, stop)[:, None] + offsets
        first = max(start - reach, 0)
        grey = normalise(pixels[first : stop + reach], self.checkpoint.card.normalisation)
        places = torch.from_numpy(np.clip(planes_read, 0, len(pixels) - 1) - first)
        planes = grey[:, places] if reach else grey[:, :, None]
        inputs = planes.transpose(0, 1).flatten(1, 2)  # all planes of the first channel, then those of the next
        padded = pad_to_stride(inputs.to(self.device), self.signature.stride)
        probabilities = self._average_views(padded) if self.average_views else self._probabilities(padded)
        scores = probabilities[:, :, : pixels.shape[1], : pixels.shape[2]].transpose(0, 1)
        if torch.isnan(scores.sum()):
            raise PixelError(
                f"expected scores from the network {self.name}, found NaN for these grey values: its weights or the "
                "constants of its card do not suit them; train it again on such images"
            )
        return scores.cpu().numpy()

    def _probabilities(self, grey: Tensor) -> Tensor:
        return (self._network(grey) / self.checkpoint.card.temperature).softmax(dim=1)

    def _average_views(self, grey: Tensor) -> Tensor:
        total, views = torch.zeros(()), list(product(range(1 if self.signature.halo[0] else 4), (False, True)))
        for turns, mirrored in views:
            view = torch.rot90(grey.flip(3) if mirrored else grey, turns, (2, 3))
            back = torch.rot90(self._probabilities(view), -turns, (2, 3))
            total = total + (back.flip(3) if mirrored else back)
        return total / len(views)

    def with_backend(self, name: str) -> NetworkSegmenter:
        return replace(self, backend=name)

    def choose_backend(self, volume: Volume, reporter: Reporter) -> str:
        return choose_backend(self, volume, reporter)

    def limit_threads(self, threads: int) -> None:
        torch.set_num_threads(threads)

    def take_device(self, worker: int) -> None:
        if self.device == "cuda":
            self.device = gpu_of(worker, torch.cuda.device_count())

    def summary(self) -> str:
        card = self.checkpoint.card
        values = sum(tensor.numel() for tensor in self.checkpoint.network().parameters())
        width = card.architecture_settings.get("width")
        return f"{'' if width is None else f'width {width}, '}{values:,} weights, {card.training.steps:,} steps"

    def identity(self) -> str:
        views = ("2 views" if self.signature.halo[0] else "8 views") if self.average_views else "1 view"
        level = name_level(self.checkpoint.card)
        order = " backwards" if self.backwards else ""
        return f"{self.checkpoint.sha256} {self.device} {views} torch {torch.__version__}{level}{order} {self.backend}"


def gpu_of(worker: int, gpus: int) -> str:
    """The GPU of a worker by its number, one of as many `gpus` as it sees; workers beyond these share them.

    Example:
        >>> [gpu_of(worker, 2) for worker in range(3)], gpu_of(5, 1)
        (['cuda:0', 'cuda:1', 'cuda:0'], 'cuda:0')
    """
    return f"cuda:{worker % max(gpus, 1)}"


def normalise(pixels: NDArray[Any], constants: Normalisation | None) -> Tensor:
    """Grey values (channels, Z, Y, X) float32, by the constants of the model's card, of pixels (Z, Y, X), or (Z, Y, X,
    channels) where there are several."""
    grey = torch.from_numpy(pixels.astype(np.float32))
    channels = grey[None] if pixels.ndim == 3 else grey.movedim(-1, 0)
    if constants is None:
        return channels
    if not constants.others:
        return channels.sub_(constants.mean).div_(constants.std)
    means, stds = (torch.tensor(values)[:, None, None, None] for values in (constants.means, constants.stds))
    return channels.sub_(means).div_(stds)


def pad_to_stride(slices: Tensor, stride: Triple) -> Tensor:
    """Slices (N, C, Y, X) with their last row and column repeated up to multiples of the stride."""
    height, width = slices.shape[-2:]
    bottom, right = -height % stride[1], -width % stride[2]
    return functional.pad(slices, (0, right, 0, bottom), mode="replicate") if bottom or right else slices
