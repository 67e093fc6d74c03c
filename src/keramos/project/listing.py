"""What there is to segment with: networks, methods and bundled weights."""

from __future__ import annotations

from typing import Any

from keramos.core.progress import Progress, silent
from keramos.networks import (
    BUNDLED,
    NETWORKS,
    Bundled,
    build_network,
    cost_of,
    load_checkpoint,
    mvoxel_per_s,
    planes_of,
)

_THRESHOLDS = {
    "otsu": "threshold of each slice (Otsu 1979)",
    "sauvola": "local threshold (Sauvola and Pietikäinen 2000)",
}
_DESCRIPTIONS = {
    "compact": "small U-Net; the default",
    "compact-5": "the same with 5 neighbouring slices",
    "compact-7": "the same with 7 neighbouring slices",
    "compact-3d": "7 neighbouring slices, 3-D kernels",
    "fcn32s": "Long et al. 2015, as in the paper",
    "fcn16s": "Long et al. 2015, as in the paper",
    "fcn8s": "Long et al. 2015, as in the paper",
    "unet": "Ronneberger et al. 2015, as in the paper",
}


def models(*, measure: bool = False, edge: int = 256, progress: Progress = silent) -> list[dict[str, Any]]:
    """A row for each network, method and bundled model, as JSON values: name, kind, description; of networks also
    planes (slices read), parameters and operations per pixel; of bundled models licence, voxel size and file size.

    With `measure` the speed of each network on this machine's processor, on slices of `edge` x `edge` pixels.
    """
    rows = [{"name": name, "kind": "method", "description": text} for name, text in _THRESHOLDS.items()]
    total = len(NETWORKS)
    for done, name in enumerate(NETWORKS, 1):
        rows.append(_network(name, measure, edge))
        progress(done, total)
    return rows + [row for bundled in BUNDLED.values() for row in _bundled(bundled)]


def _network(name: str, measure: bool, edge: int) -> dict[str, Any]:
    cost = cost_of(lambda: build_network(name, {}))
    speed = mvoxel_per_s(build_network(name, {}), edge=edge) if measure else None
    return {
        "name": name,
        "kind": "network",
        "description": _DESCRIPTIONS[name],
        "planes": planes_of(name),
        "parameters": cost.parameters,
        "kflop_per_pixel": round(cost.flop_per_pixel / 1000, 1),
        "mvoxel_per_s": None if speed is None else round(speed, 3),
    }


def _bundled(bundled: Bundled) -> list[dict[str, Any]]:
    rows = []
    for file, use in ((bundled.stack, "stacks"), (bundled.slice, "single images")):
        if file.is_file():
            card = load_checkpoint(file).card
            rows.append(
                {
                    "name": bundled.name,
                    "kind": "bundled weights",
                    "description": f"{bundled.description}: {use}",
                    "architecture": card.architecture,
                    "planes": len(card.z_offsets_nm),
                    "licence": card.licence,
                    "voxel_size_nm": list(card.voxel_size_nm or ()),
                    "mebibytes": round(file.stat().st_size / 2**20, 2),
                }
            )
    return rows
