"""List of what there is to segment with: networks, methods and bundled weights."""

from __future__ import annotations

from typing import Any

from keramos.core.options import list_options
from keramos.core.progress import Progress, silent
from keramos.networks import ARCHITECTURES, BUNDLED, Architecture, Bundled, cost_of, load_checkpoint, mvoxel_per_s
from keramos.segmenters import SEGMENTERS, Segmenter


def list_models(*, measure: bool = False, edge: int = 256, progress: Progress = silent) -> list[dict[str, Any]]:
    """A row for each network, method and bundled model, as JSON values: name, kind, description; of networks also
    planes (slices read), parameters and operations per pixel; of bundled models licence, voxel size and file size.

    With `measure` the speed of each network on this machine's processor, on slices of `edge` x `edge` pixels.
    """
    rows = [_method(segmenter) for segmenter in SEGMENTERS.values()]
    for done, architecture in enumerate(ARCHITECTURES.values(), 1):
        rows.append(_network(architecture, measure, edge))
        progress(done, len(ARCHITECTURES))
    return rows + [row for bundled in BUNDLED.values() for row in _list_bundled(bundled)]


def _method(segmenter: Segmenter) -> dict[str, Any]:
    planes = 2 * segmenter.signature.halo[0] + 1
    facts = {"name": segmenter.name, "kind": "method", "description": segmenter.description, "planes": planes}
    return {**facts, "options": [row.name for row in list_options(segmenter.options)]}


def _network(architecture: Architecture, measure: bool, edge: int) -> dict[str, Any]:
    cost = cost_of(architecture.build)
    return {
        "name": architecture.name,
        "kind": "network",
        "description": architecture.description,
        "planes": architecture.planes,
        "options": list(architecture.options),
        "sizes": {name: dict(size.settings) for name, size in architecture.sizes.items()},
        "parameters": cost.parameters,
        "kflop_per_pixel": round(cost.flop_per_pixel / 1000, 1),
        "mvoxel_per_s": round(mvoxel_per_s(architecture.build(), edge=edge), 3) if measure else None,
        **({"licence": architecture.licence} if architecture.licence else {}),
    }


def _list_bundled(bundled: Bundled) -> list[dict[str, Any]]:
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
