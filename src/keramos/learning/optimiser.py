"""Optimisers of the weights of a network: AdamW, or Muon for its kernels.

Muon (Jordan et al. 2024) turns the mean gradient of each kernel into the nearest matrix that moves all directions by as
much: directions that few pixels ask for are learnt as fast as those that all do. Steps of a processor are few and dear,
and this needs fewer. Its steps are scaled to be as large as AdamW's (Liu et al. 2025), so that learning rates of both
mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from keramos.learning.settings import TrainSettings

_MOMENTUM = 0.95
_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_ADAMW_STEP = 0.2
"""Root mean square of AdamW's steps, in learning rates."""
_POLYNOMIAL = (3.4445, -4.7750, 2.0315)
_TURNS = 5
"""So many times this odd polynomial brings singular values from 0.01 to 1 near 1."""


def make_optimiser(network: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    """The optimiser that the settings name, for all weights of the network; AdamW if they name none."""
    if settings.optimiser == "muon":
        return Muon(network, settings.rate, settings.weight_decay)
    return torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=settings.weight_decay)


class Muon(torch.optim.Optimizer):
    """Muon for the kernels of convolutions, AdamW for biases, norms, convolutions of one pixel and transposed ones."""

    def __init__(self, network: nn.Module, rate: float, weight_decay: float) -> None:
        kernels = [module.weight for module in network.modules() if _has_kernel(module)]
        known = {id(kernel) for kernel in kernels}
        others = [weights for weights in network.parameters() if id(weights) not in known]
        groups = [{"params": kernels, "is_kernel": True}, {"params": others, "is_kernel": False}]
        usual = {"lr": rate, "weight_decay": weight_decay}
        super().__init__([group for group in groups if group["params"]], usual)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        result = None
        if closure is not None:
            with torch.enable_grad():
                result = closure()
        for group in self.param_groups:
            move = _move_kernel if group["is_kernel"] else _move
            for weights in group["params"]:
                if weights.grad is not None:
                    weights.mul_(1 - group["lr"] * group["weight_decay"])
                    move(weights, weights.grad, self.state[weights], group["lr"])
        return result


def _has_kernel(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d | nn.Conv3d) and max(module.kernel_size) > 1


def _move_kernel(weights: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: float) -> None:
    mean = state.setdefault("mean", torch.zeros_like(weights))
    mean.lerp_(gradient, 1 - _MOMENTUM)
    matrix = gradient.lerp(mean, _MOMENTUM).flatten(1)
    size = _ADAMW_STEP * max(matrix.shape) ** 0.5
    weights.add_(equalise(matrix).reshape(weights.shape), alpha=-rate * size)


def _move(weights: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: float) -> None:
    if not state:
        state |= {"mean": torch.zeros_like(weights), "square": torch.zeros_like(weights), "step": torch.tensor(0.0)}
    state["step"] += 1
    mean, square, step = state["mean"].lerp_(gradient, 1 - _BETAS[0]), state["square"], float(state["step"])
    square.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
    deviation = (square / (1 - _BETAS[1] ** step)).sqrt_().add_(_EPSILON)
    weights.addcdiv_(mean, deviation, value=-rate / (1 - _BETAS[0] ** step))


def equalise(matrix: Tensor) -> Tensor:
    """The matrix with singular values near 1, by a Newton-Schulz iteration. It goes on with the square of the matrix,
    which is small where a matrix is wide.

    Example:
        >>> values = torch.linalg.svdvals(equalise(torch.tensor([[3.0, 0.0, 0.0], [0.0, 0.1, 0.0]])))
        >>> bool(((values > 0.6) & (values < 1.3)).all())
        True
    """
    if matrix.shape[0] > matrix.shape[1]:
        return equalise(matrix.T).T
    linear, cubic, quintic = _POLYNOMIAL
    unit = matrix.float() / (torch.linalg.vector_norm(matrix.float()) + 1e-7)
    square = unit @ unit.T
    factor = torch.eye(len(unit), dtype=unit.dtype, device=unit.device)
    for _ in range(_TURNS):
        turn = torch.addmm(square, square, square, beta=cubic, alpha=quintic)
        turn.diagonal().add_(linear)
        factor, square = turn @ factor, turn @ square @ turn
    equal: Tensor = factor @ unit
    return equal.to(matrix.dtype)
