"""Optimisers: Muon turns kernels into steps that go equally far in all directions, and goes on exactly after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from keramos.learning import TrainSettings
from keramos.learning.crops import Batch
from keramos.learning.fabric import open_fabric
from keramos.learning.loop import fit
from keramos.learning.optimiser import Muon, equalise, make_optimiser
from keramos.learning.state import State
from keramos.networks import Compact


@pytest.mark.parametrize("shape", [(4, 36), (36, 4), (6, 6)])
def test_directions_become_equal_and_stay_where_they_are(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    left, _, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    small = min(shape)
    matrix = left @ torch.diag(torch.logspace(0, -1, small)) @ right
    turned = left.T @ equalise(matrix) @ right.T
    values = turned.diagonal()
    assert values.min() > 0.6
    assert values.max() < 1.3
    torch.testing.assert_close(turned, torch.diag(values), rtol=0, atol=1e-4)


def test_a_step_of_a_kernel_is_as_large_as_adamw_makes_it_whatever_the_gradient() -> None:
    kernel = nn.Conv2d(64, 64, 3, bias=False)
    optimiser, before = Muon(kernel, 0.01, 0.0), kernel.weight.detach().clone()
    kernel.weight.grad = 1e-4 * torch.randn(kernel.weight.shape)
    optimiser.step()
    step = float((kernel.weight.detach() - before).square().mean().sqrt())
    assert step == pytest.approx(0.2 * 0.01, rel=0.3)


def test_what_is_no_kernel_moves_as_with_adamw() -> None:
    torch.manual_seed(0)
    one, other = (nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 2, 1)) for _ in range(2))
    other.load_state_dict(one.state_dict())
    muon, adamw = Muon(one, 0.01, 0.1), torch.optim.AdamW(other.parameters(), 0.01, weight_decay=0.1)
    grey = torch.randn(2, 3, 4, 4)
    for network, optimiser in ((one, muon), (other, adamw)):
        for _ in range(3):
            optimiser.zero_grad()
            network(grey).square().sum().backward()
            optimiser.step()
    for weights, expected in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(weights, expected)


def test_only_kernels_of_several_pixels_are_turned() -> None:
    network = Compact(width=8, levels=3)
    groups = {group["is_kernel"]: group["params"] for group in Muon(network, 0.01, 0.0).param_groups}
    assert {tuple(kernel.shape[2:]) for kernel in groups[True]} == {(3, 3)}
    assert sum(len(group) for group in groups.values()) == len(list(network.parameters()))
    assert not any(weights is network.up[0].weight for weights in groups[True])


def test_the_settings_say_which() -> None:
    network = Compact(width=8, levels=3)
    assert isinstance(make_optimiser(network, TrainSettings(optimiser="muon")), Muon)
    assert isinstance(make_optimiser(network, TrainSettings()), torch.optim.AdamW)


class Crops:
    """Crops that are drawn one after another; where the stream is can be kept."""

    positive, thin = 1, ()

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(0)

    def batches(self, *_: int) -> Iterator[Batch]:
        while True:
            grey = torch.randn(2, 1, 32, 32, generator=self.generator)
            yield Batch(grey, (grey[:, 0] > 0).long())

    plain_batches = batches

    def state(self) -> dict[str, Any]:
        return {"torch": self.generator.get_state().tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        self.generator.set_state(torch.tensor(state["torch"], dtype=torch.uint8))


def fitted(start: State | None, kept: list[State]) -> dict[str, Tensor]:
    torch.manual_seed(0)
    network = Compact(width=8, levels=3)
    settings = TrainSettings(epochs=1, crop=32, batch=200, optimiser="muon")  # five steps

    def keep(state: State) -> None:
        kept.append(State({name: tensor.clone() for name, tensor in state.tensors.items()}, state.facts))

    crops: Any = Crops()
    fit(network, crops, settings, fabric=open_fabric("cpu"), report=lambda *_: None, start=start, keep=keep)
    return network.state_dict()


def test_a_training_that_was_killed_ends_as_one_that_was_not() -> None:
    states: list[State] = []
    whole = fitted(None, states)
    again = fitted(states[1], [])
    assert states[1].facts["step"] == 2
    assert all(torch.equal(whole[name], again[name]) for name in whole)
