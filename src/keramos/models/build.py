"""Networks by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from keramos.errors import SettingsError
from keramos.models.compact import Compact
from keramos.models.fcn import fcn8s, fcn16s, fcn32s
from keramos.models.unet import UNet

PAPER_NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "fcn32s": fcn32s, "fcn16s": fcn16s, "fcn8s": fcn8s, "unet": UNet,
}  # fmt: skip
"""Those of Hirabayashi et al. 2024, in the order of its tables."""

NETWORKS: dict[str, Callable[..., nn.Module]] = {"compact": Compact, **PAPER_NETWORKS}


def build_network(architecture: str, settings: Mapping[str, Any]) -> nn.Module:
    """A network with fresh weights.

    Raises:
        SettingsError: no network of that name, or settings it does not take.
    """
    if architecture not in NETWORKS:
        raise SettingsError(f"expected a network named {' or '.join(NETWORKS)}, found '{architecture}'")
    try:
        return NETWORKS[architecture](**settings)
    except TypeError:
        raise SettingsError(f"expected settings that {architecture} takes, found {dict(settings)}") from None
