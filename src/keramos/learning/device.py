"""The processor or GPU that networks run on."""

from __future__ import annotations

from keramos.core.errors import SettingsError
from keramos.settings.resources import Device


def pick_device(wanted: Device) -> str:
    """The torch device to use; `auto` prefers CUDA, then MPS, then the CPU.

    Raises:
        SettingsError: the device asked for is not there.
    """
    try:
        import torch
    except ModuleNotFoundError:
        if wanted in ("auto", "cpu"):
            return "cpu"  # what needs PyTorch says so itself
        raise
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there.get(wanted, False):
        names = " or ".join(name for name, is_there in there.items() if is_there)
        raise SettingsError(f"expected a device that this machine has ({names}), found '{wanted}'")
    return wanted
