"""The state of an unfinished training in its checkpoint, so that a killed training goes on exactly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from keramos.blocks import Checkpoint

_SHARE_OF_TIME = 20


@dataclass(frozen=True, eq=False)
class State:
    """Tensors by name (weights, moments, best weights) and JSON facts (step, epoch, seconds, curve)."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]


class StateSaver:
    """Saves states as they come, but spends at most a twentieth of the time on it: large ones are not all saved."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._next = 0.0

    def __call__(self, state: State) -> None:
        began = time.monotonic()
        if began >= self._next:
            save_state(self._checkpoint, state)
            ended = time.monotonic()
            self._next = ended + _SHARE_OF_TIME * (ended - began)


def save_state(checkpoint: Checkpoint, state: State) -> None:
    """Write the state, whole or not at all. StorageError if that cannot be."""
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.tensors.items()}
    checkpoint.save(state.facts, save(tensors))


def load_state(checkpoint: Checkpoint) -> State | None:
    """Read the saved state; None if there is none. ResumeError if it is damaged."""
    saved = checkpoint.load()
    if saved is None:
        return None
    try:
        return State(load(saved.content), saved.facts)
    except SafetensorError as error:
        checkpoint.refuse(f"cannot resume: {checkpoint.path} holds something else ({error})")
        return None


def pack(network: nn.Module, optimiser: torch.optim.Optimizer, best: dict[str, Tensor]) -> dict[str, Tensor]:
    """All tensors of a training by name."""
    tensors = {f"weights.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in best.items()}
    for number, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": torch.as_tensor(value) for name, value in moments.items()}
    return tensors


def unpack(tensors: dict[str, Tensor], network: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Put weights and moments back where they came from; give the best weights."""
    network.load_state_dict(_under("weights.", tensors))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _under("optimiser.", tensors).items():
        number, moment = name.split(".", 1)
        moments.setdefault(int(number), {})[moment] = tensor
    whole = optimiser.state_dict()
    optimiser.load_state_dict({**whole, "state": moments})
    return _under("best.", tensors)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
