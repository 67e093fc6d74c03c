"""Device and precision of a training, through lightning-fabric, so that one loop serves all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from keramos.networks import multiplies_bfloat16
from keramos.settings.train import Precision

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def open_fabric(device: str, precision: Precision = "auto") -> Fabric:
    """A fabric of one process on `device` (cpu, cuda or mps)."""
    import torch
    from lightning_fabric import Fabric  # late: it takes a second, and only training needs it
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment

    # It logs the precision that it was given.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    # Crops are all of one size: worth the first steps that try which convolution is fastest.
    torch.backends.cudnn.benchmark = device == "cuda"
    name = _precision(device) if precision == "auto" else _NAMES[precision]
    # One process, whatever a cluster's variables say: within a SLURM job of several tasks it would be refused.
    alone = LightningEnvironment()
    return Fabric(accelerator=device, devices=1, precision=name, plugins=[alone])  # type: ignore[arg-type]


_NAMES = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def _precision(device: str) -> str:
    """Mixed precision where the hardware multiplies bfloat16 natively; weights and losses stay float32 all the same."""
    return _NAMES["bf16" if multiplies_bfloat16(device) else "fp32"]


def warm_up(device: str) -> None:
    """Load what a training needs, so that the next one begins at once."""
    open_fabric(device)
