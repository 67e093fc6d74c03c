"""What a training runs on: device, precision, processes; all of it through lightning-fabric, so one loop serves all."""

from __future__ import annotations

import logging

import torch
from lightning_fabric import Fabric

from keramos.errors import SettingsError
from keramos.train.settings import Precision

# It tells which precision it was asked for; nobody needs to read that.
logging.getLogger("lightning_fabric").setLevel(logging.WARNING)


def open_fabric(device: str, precision: Precision = "auto", devices: int = 1) -> Fabric:
    """A fabric of `devices` processes on `device` (cpu, cuda or mps). More than one train together (DDP): each sees
    other crops, and their gradients are averaged.

    Raises:
        SettingsError: more GPUs than there are.
    """
    if device == "cuda" and devices > torch.cuda.device_count():
        raise SettingsError(f"expected at most {torch.cuda.device_count()} GPUs for --devices, found {devices}")
    return Fabric(
        accelerator=device,
        devices=devices,
        strategy="ddp" if devices > 1 else "auto",
        precision=_precision(device) if precision == "auto" else _NAMES[precision],  # type: ignore[arg-type]
    )


_NAMES = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def _precision(device: str) -> str:
    """Mixed precision where the hardware multiplies bfloat16 natively; weights and losses stay float32 all the same."""
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
    return _NAMES["bf16" if native else "fp32"]
