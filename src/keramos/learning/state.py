"""The state of an unfinished training, on disk: one safetensors file, so that a killed training goes on exactly."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from keramos.core.errors import LedgerError, StorageError

_KEY = "keramos-training"
_SHARE_OF_TIME = 20


@dataclass(frozen=True, eq=False)
class State:
    """Tensors by name (weights, moments, best weights) and JSON facts (step, epoch, seconds, curve)."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]


def save_state(path: Path, identity: str, state: State) -> None:
    """Write the state; whatever happens, `path` holds either the old one or the whole new one."""
    partial = path.with_name(path.name + ".partial")
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.tensors.items()}
    header = {_KEY: json.dumps({"identity": identity, "facts": state.facts})}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(save(tensors, metadata=header))
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        raise StorageError(
            f"expected to write the training's state {path}, found {error}; make room and run again"
        ) from error


class StateKeeper:
    """Saves states as they come, but spends at most a twentieth of the time on it: large ones are not all kept."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path, self._identity = path, identity
        self._next = 0.0

    def __call__(self, state: State) -> None:
        began = time.monotonic()
        if began >= self._next:
            save_state(self._path, self._identity, state)
            ended = time.monotonic()
            self._next = ended + _SHARE_OF_TIME * (ended - began)


def refuse_unwritable(path: Path) -> None:
    """StorageError if a file cannot be written there: found now, not when hours of work are to be saved."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise StorageError(
            f"expected to write {path}, found {error.strerror or error}; give a path that can be written"
        ) from error


def load_state(path: Path, identity: str) -> State | None:
    """The state of this very training; None if there is none.

    Raises:
        LedgerError: the file is of a training with other data or settings, or unreadable.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(str(path), framework="pt", device="cpu") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, ValueError, KeyError):
        raise LedgerError(
            f"expected the state of an unfinished training in {path}, found an unreadable file; start with --fresh"
        ) from None
    if header["identity"] != identity:
        raise LedgerError(
            f"expected to go on with the unfinished training in {path}, found that it was begun with other images, "
            "labels, settings or weights; give these, start again with --fresh, or write to another --out"
        )
    return State(tensors, header["facts"])


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
