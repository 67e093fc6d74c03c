"""Device, precision and processes of a training, through lightning-fabric, so that one loop serves all."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

from keramos.networks import multiplies_bfloat16
from keramos.settings.train import Precision

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment


def open_fabric(device: str, precision: Precision = "auto", *, rank: int = 0, devices: int = 1) -> Fabric:
    """A fabric on `device` (cpu, cuda or mps) of one process, or of the one of that `rank` among as many as `devices`,
    which have met already (see `ranks`)."""
    import torch
    from lightning_fabric import Fabric  # late: it takes a second, and only training needs it

    # It logs the precision that it was given.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    # Crops are all of one size: worth the first steps that try which convolution is fastest.
    torch.backends.cudnn.benchmark = device == "cuda"
    name = _precision(device) if precision == "auto" else _NAMES[precision]
    fabric = Fabric(
        accelerator=device,
        devices=devices,
        strategy="ddp" if devices > 1 else "auto",
        precision=name,  # type: ignore[arg-type]
        plugins=[_make_environment(rank)],
    )
    if devices > 1:
        # Of kernels of one pixel, whose memory is the same in both layouts.
        warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
        fabric.launch()
    return fabric


def _make_environment(rank: int) -> LightningEnvironment:
    """The processes that there are, whatever a cluster's variables say: within a SLURM job of several tasks one process
    would be refused."""
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment

    class Met(LightningEnvironment):
        @property
        def creates_processes_externally(self) -> bool:
            return True

        def local_rank(self) -> int:
            return rank

        def node_rank(self) -> int:
            return 0

    return Met()


_NAMES = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def _precision(device: str) -> str:
    """Mixed precision where the hardware multiplies bfloat16 natively; weights and losses stay float32 all the same."""
    return _NAMES["bf16" if multiplies_bfloat16(device) else "fp32"]


def warm_up(device: str) -> None:
    """Load what a training needs, so that the next one begins at once."""
    open_fabric(device)
