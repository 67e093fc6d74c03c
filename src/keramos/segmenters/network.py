"""A trained network as a segmenter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from keramos.blocks import Block
from keramos.core import Box, PhaseTable, Triple, Volume
from keramos.core.progress import Progress, silent
from keramos.networks import Checkpoint, Normalisation, Signature
from keramos.segmenters.backends import EXACT, Run, built
from keramos.segmenters.memory import batch_of

_SURVEYED_SLICES = 32


@dataclass
class NetworkSegmenter:
    """Runs the network of a checkpoint on every slice of a block, with the neighbours that it reads.

    With `average_views` the scores are averaged over the eight flips and rotations of the slice: slower by eight, a
    little more accurate. A network that sees neighbours knows the direction of the line of sight: it is mirrored in x
    only, which makes two views. Beyond an end of the volume the slice at that end stands again. `backwards` reads the
    neighbours in the other order: of a stack whose slices are numbered against the order of cutting. `backend` runs
    the network.
    """

    checkpoint: Checkpoint
    device: str = "cpu"
    average_views: bool = False
    backwards: bool = False
    backend: str = EXACT

    @property
    def name(self) -> str:
        return self.checkpoint.card.architecture

    @property
    def phases(self) -> PhaseTable:
        return self.checkpoint.card.phase_table

    @cached_property
    def signature(self) -> Signature:
        card = self.checkpoint.card
        network = self.checkpoint.network()
        adapts = card.normalisation is not None and card.normalisation.scope == "stack"
        halo: Triple = network.halo  # type: ignore[assignment]
        stride: Triple = network.stride  # type: ignore[assignment]
        return Signature(
            card.z_offsets_nm,
            stride,
            halo,
            len(self.phases),
            card.voxel_size,
            dtype=None if adapts else card.training.grey_dtype,
            grey_range=None if adapts else card.training.grey_range,
            bytes_per_pixel=network.bytes_per_pixel,  # type: ignore[arg-type]
        )

    @cached_property
    def _network(self) -> Run:
        return built(self.checkpoint.network(), self.backend, self.device)

    def __getstate__(self) -> dict[str, Any]:
        # A worker builds its own network: the folded one stays here.
        return {k: v for k, v in self.__dict__.items() if k not in ("_network", "signature")}

    def fit_to(self, volume: Volume, progress: Progress) -> NetworkSegmenter:
        """With the order of cutting of this stack; and its grey level and contrast, where the model takes them from
        each stack."""
        card = self.checkpoint.card
        order = card.cutting_order if volume.view is None else volume.view.cutting_order
        turned = replace(self, backwards=bool(self.signature.halo[0]) and order != card.cutting_order)
        constants = card.normalisation
        if constants is None or constants.scope == "fixed":
            return turned
        mean, std = stack_constants(volume, progress)
        found = constants.model_copy(update={"mean": mean, "std": std})
        adapted = card.model_copy(update={"normalisation": found})
        return replace(turned, checkpoint=replace(self.checkpoint, card=adapted))

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        core = block.core_in_read
        batch = batch_of(pixels.shape[1] * pixels.shape[2], self.signature.bytes_per_pixel)
        first, stop = core.start[0], core.stop[0]
        parts = [self._slice_scores(pixels, z, min(z + batch, stop)) for z in range(first, stop, batch)]
        rows, columns = core.slices[1:]
        return np.concatenate(parts, axis=1)[:, :, rows, columns]

    @torch.inference_mode()
    def _slice_scores(self, pixels: NDArray[Any], start: int, stop: int) -> NDArray[np.float32]:
        """Scores (classes, Z, Y, X) of the whole slices `start` ... `stop` of `pixels` (Z, Y, X)."""
        reach = self.signature.halo[0]
        offsets = np.arange(-reach, reach + 1)[:: -1 if self.backwards else 1]
        seen = np.arange(start, stop)[:, None] + offsets
        first = max(start - reach, 0)
        grey = normalised(pixels[first : stop + reach], self.checkpoint.card.normalisation)
        planes = grey[torch.from_numpy(np.clip(seen, 0, len(pixels) - 1) - first)] if reach else grey[:, None]
        padded = pad_to_stride(planes.to(self.device), self.signature.stride)
        logits = self._averaged(padded) if self.average_views else self._probabilities(padded)
        scores = logits[:, :, : pixels.shape[1], : pixels.shape[2]].transpose(0, 1)
        return scores.cpu().numpy()

    def _probabilities(self, grey: Tensor) -> Tensor:
        return (self._network(grey) / self.checkpoint.card.temperature).softmax(dim=1)

    def _averaged(self, grey: Tensor) -> Tensor:
        total, views = torch.zeros(()), list(product(range(1 if self.signature.halo[0] else 4), (False, True)))
        for turns, mirrored in views:
            view = torch.rot90(grey.flip(3) if mirrored else grey, turns, (2, 3))
            back = torch.rot90(self._probabilities(view), -turns, (2, 3))
            total = total + (back.flip(3) if mirrored else back)
        return total / len(views)

    def limit_threads(self, threads: int) -> None:
        """Called in a worker process, so that the workers do not fight over the cores."""
        torch.set_num_threads(threads)

    def identity(self) -> str:
        views = ("2 views" if self.signature.halo[0] else "8 views") if self.average_views else "1 view"
        constants = self.checkpoint.card.normalisation
        found = f" {constants.mean} {constants.std}" if constants and constants.scope == "stack" else ""
        order = " backwards" if self.backwards else ""
        return f"{self.checkpoint.sha256} {self.device} {views} torch {torch.__version__}{found}{order} {self.backend}"


def stack_constants(volume: Volume, progress: Progress = silent) -> tuple[float, float]:
    """Mean and standard deviation of the grey values of at most 32 slices, evenly spread over the stack."""
    depth, height, width = volume.shape
    picked = np.unique(np.linspace(0, depth - 1, min(depth, _SURVEYED_SLICES)).round().astype(int)).tolist()
    sums = np.zeros(2)
    for done, z in enumerate(picked, 1):
        pixels = volume.read(Box((z, 0, 0), (z + 1, height, width))).astype(np.float64)
        sums += [pixels.sum(), np.square(pixels).sum()]
        progress(done, len(picked))
    mean, square = sums / (len(picked) * height * width)
    return float(mean), float(np.sqrt(max(square - mean**2, 0.0))) or 1.0


def normalised(pixels: NDArray[Any], constants: Normalisation | None) -> Tensor:
    """Grey values as float32, by the constants of the model's card."""
    grey = torch.from_numpy(pixels.astype(np.float32))
    return grey if constants is None else (grey - constants.mean) / constants.std


def pad_to_stride(slices: Tensor, stride: Triple) -> Tensor:
    """Slices (N, C, Y, X) with their last row and column repeated up to multiples of the stride."""
    height, width = slices.shape[-2:]
    bottom, right = -height % stride[1], -width % stride[2]
    return functional.pad(slices, (0, right, 0, bottom), mode="replicate") if bottom or right else slices
