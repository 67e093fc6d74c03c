"""Architectures: networks by name, each of which states all about itself in its own file.

`ARCHITECTURES` holds them. A file in `architectures/` registers one by a module-level `Architecture`; another package
does by an entry point of the group `keramos.architectures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from keramos.core import Triple, did_you_mean, machine_memory, size_in_words
from keramos.core.errors import SettingsError
from keramos.core.registry import Registry


class Network(nn.Module):
    """Base of all networks: logits (N, classes, Y, X) of normalised grey slices (N, inputs, Y, X), float32.

    Attributes:
        stride: moving the input by multiples of this (Z Y X voxels) moves the output alike; Y and X of the input are
            multiples of it.
        halo: how many voxels around a voxel its result depends on at most (Z Y X); along z half of `planes`.
        settings: what it was built with, so that it can be built again.
        bytes_per_pixel: memory of its activations for each pixel of a slice.
        channels: images of each slice that it reads, by as many detectors or voltages.
    """

    stride: Triple
    halo: Triple
    settings: dict[str, Any]
    bytes_per_pixel: int
    channels: int = 1

    @property
    def inputs(self) -> int:
        """Images that it reads for each slice: all planes of the first channel, then those of the next."""
        return self.channels * self.planes

    @property
    def planes(self) -> int:
        """Neighbouring slices that it reads; it decides the middle one."""
        return 2 * self.halo[0] + 1


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """The training of networks, unless something else is asked for.

    Attributes:
        crop: edge of training crops, pixels.
        batch: crops a step.
        learning_rate: Adam's, to begin with.
        muon_batch, muon_learning_rate: the same with Muon, where steps are few: more of them, each on fewer crops.
        crop_multiple: the edge of crops is a multiple of this.
        far_crop, far_batch, muon_far_batch: the same where images have layers.
        loop: `augmented` draws ever new crops that are turned, zoomed and changed in grey level, and normalises by the
            training images; `paper` learns from a fixed set of crops as Hirabayashi et al. 2024 did.
    """

    crop: int = 128
    batch: int = 16
    learning_rate: float = 2e-3
    muon_batch: int = 8
    muon_learning_rate: float = 1e-2
    crop_multiple: int = 16
    far_crop: int = 512
    far_batch: int = 4
    muon_far_batch: int = 2
    loop: Literal["augmented", "paper"] = "augmented"


PAPER_RECIPE = TrainingRecipe(crop=256, batch=8, learning_rate=1e-3, crop_multiple=32, loop="paper")
"""Training as in Hirabayashi et al. 2024."""


@dataclass(frozen=True, slots=True)
class Size:
    """A named size: the settings that give it, and the most thousand operations a pixel that it may cost."""

    settings: Mapping[str, Any]
    kflop_per_pixel: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Architecture:
    """A kind of network, with all that commands, reports and documentation say of it.

    Attributes:
        name: for `--model`.
        title: in tables.
        description: one line for `keramos models`.
        build: gives a `Network` with fresh weights, from `classes` and the `options`.
        options: settings that users may choose, of those that `build` takes.
        planes: neighbouring slices that it reads.
        takes_channels: whether it can be built for several images of each slice, with the setting `channels`.
        recipe: how it is trained.
        sizes: by name, where there are several.
        far_seeing: settings of one that sees farther, for images with layers; empty where there is none.
        paper: whether it is one of the methods of Hirabayashi et al. 2024, which `keramos compare` compares.
        reference: where it was published; empty for Keramos' own.
        licence: of its code or weights, where it restricts their use.
        starts_from: other architectures whose weights it can start from, and what puts these into a fresh network.
        per_phase: names of its tensors whose first axis goes phase by phase, as many rows for each.
        load_pretrained: fills a fresh network with weights in a file of another software; raises a KeramosError.
        renamed: names of settings and of parts of the network in older files, and their names now.
    """

    name: str
    title: str
    description: str
    build: Callable[..., Network]
    options: tuple[str, ...] = ("width",)
    planes: int = 1
    takes_channels: bool = False
    recipe: TrainingRecipe = TrainingRecipe()
    sizes: Mapping[str, Size] = field(default_factory=dict)
    far_seeing: Mapping[str, Any] = field(default_factory=dict)
    paper: bool = False
    reference: str = ""
    licence: str = ""
    starts_from: Mapping[str, Callable[[Any, dict[str, Tensor]], None]] = field(default_factory=dict)
    per_phase: tuple[str, ...] = ()
    load_pretrained: Callable[[Network, Path], None] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)

    def size(self, name: str) -> dict[str, Any]:
        """The settings of a size.

        Raises:
            SettingsError: another size, or an architecture that has one size only.

        Example:
            >>> ARCHITECTURES["compact"].size("M")
            {'width': 24}
        """
        if not self.sizes:
            several = ", ".join(other.name for other in ARCHITECTURES.values() if other.sizes)
            raise SettingsError(f"expected a size only of {several}, found it with {self.name}")
        if name not in self.sizes:
            raise SettingsError(f"expected a size {' or '.join(self.sizes)} of {self.name}, found '{name}'")
        return dict(self.sizes[name].settings)

    def update_settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Settings of an older file under the names of today."""
        return {self.renamed.get(name, name): value for name, value in settings.items()}

    def update_weights(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of an older file under the names of today."""
        parts = ((name.split(".", 1), tensor) for name, tensor in weights.items())
        return {".".join([self.renamed.get(part[0], part[0]), *part[1:]]): tensor for part, tensor in parts}


ARCHITECTURES: Registry[Architecture] = Registry("architectures", Architecture, "keramos.networks.architectures")


def build_network(architecture: str, settings: Mapping[str, Any]) -> Network:
    """A network with fresh weights.

    Args:
        architecture: the name of a member of `ARCHITECTURES`.
        settings: of its `options`, and `classes`.

    Raises:
        SettingsError: no architecture of that name, or settings it does not take.

    Example:
        >>> build_network("compact-7", {"classes": 3, "width": 8}).halo
        (3, 96, 96)
    """
    outline = outline_network(architecture, settings)
    needed = sum(tensor.numel() * tensor.element_size() for tensor in outline.state_dict().values())
    present = machine_memory()
    if present is not None and needed > present:
        raise SettingsError(
            f"expected a network that fits into the {size_in_words(present)} of memory of this machine, found one of "
            f"{size_in_words(needed)}; make it narrower"
        )
    return ARCHITECTURES[architecture].build(**settings)


def outline_network(architecture: str, settings: Mapping[str, Any]) -> Network:
    """A network whose tensors have shapes but no values, which takes no memory. Raises as `build_network` does.

    Example:
        >>> outline_network("unet", {"width": 512}).head.weight.device
        device(type='meta')
    """
    if architecture not in ARCHITECTURES:
        near = did_you_mean(architecture, ARCHITECTURES)
        raise SettingsError(f"expected a network named {' or '.join(ARCHITECTURES)}, found '{architecture[:80]}'{near}")
    try:
        with torch.device("meta"):
            return ARCHITECTURES[architecture].build(**settings)
    except SettingsError:
        raise
    except Exception:  # settings from a file may be anything
        listed = ", ".join(f"{name} {str(value)[:40]}" for name, value in settings.items())
        raise SettingsError(f"expected settings that {architecture} takes, found {listed[:200]}") from None
