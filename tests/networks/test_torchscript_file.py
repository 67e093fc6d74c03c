"""TorchScript files: the scores of the network, for any size."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import torch

from keramos.networks import Checkpoint, GreyToScores, torchscript_bytes


@pytest.mark.parametrize("name", ["compact-3d", "unet", "fcn16s"])
def test_its_scores_are_the_network_s_for_any_size(name: str, small_model: Callable[[str], Checkpoint]) -> None:
    checkpoint = small_model(name)
    module = GreyToScores(checkpoint)
    content = torchscript_bytes(checkpoint)
    script = torch.jit.load(io.BytesIO(content))
    for batch, rows, columns in ((1, 1, 3), (3, 4, 2)):
        grey = 255 * torch.rand(batch, module.planes, rows * module.stride[1], columns * module.stride[2])
        with torch.no_grad():
            torch.testing.assert_close(script(grey), module(grey), rtol=0, atol=1e-6)
    assert b"keramos/src" not in content
