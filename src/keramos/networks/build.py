"""Networks by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from keramos.core.errors import SettingsError
from keramos.networks.compact import Compact
from keramos.networks.compact3d import Compact3d
from keramos.networks.fcn import fcn8s, fcn16s, fcn32s
from keramos.networks.unet import UNet

PAPER_NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "fcn32s": fcn32s,
    "fcn16s": fcn16s,
    "fcn8s": fcn8s,
    "unet": UNet,
}
"""Those of Hirabayashi et al. 2024, in the order of its tables."""

COMPACT_NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "compact": Compact,
    "compact-5": partial(Compact, planes=5),
    "compact-7": partial(Compact, planes=7),
    "compact-3d": Compact3d,
}
"""Those of Keramos: one slice, five or seven neighbours as channels, seven neighbours under 3-D kernels."""

NETWORKS: dict[str, Callable[..., nn.Module]] = {**COMPACT_NETWORKS, **PAPER_NETWORKS}

WIDTHS: dict[str, dict[str, int]] = {
    "S": {"compact": 16, "compact-5": 16, "compact-7": 16, "compact-3d": 12},
    "M": {"compact": 24, "compact-5": 24, "compact-7": 24, "compact-3d": 16},
    "L": {"compact": 40, "compact-5": 40, "compact-7": 40, "compact-3d": 32},
}
"""Channels of the first level by size: at most 20, 45 and 150 kFLOP per pixel. Multiples of 8 suit vector units."""

SIZES = tuple(WIDTHS)


def planes_of(architecture: str) -> int:
    """How many neighbouring slices a network or method of that name reads."""
    return {"compact-5": 5, "compact-7": 7, "compact-3d": Compact3d.planes}.get(architecture, 1)


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


def sized(architecture: str, size: str) -> dict[str, int]:
    """Settings of a compact network of size S, M or L.

    Raises:
        SettingsError: another size, or a network that has one size only.
    """
    if architecture not in COMPACT_NETWORKS:
        raise SettingsError(f"expected a size only of {', '.join(COMPACT_NETWORKS)}, found it with {architecture}")
    if size not in SIZES:
        raise SettingsError(f"expected a size S, M or L, found '{size}'")
    return {"width": WIDTHS[size][architecture]}
