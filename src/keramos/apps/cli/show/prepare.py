"""Show a prepared volume."""

from __future__ import annotations

import shlex
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.apps.cli.show.preparation import list_preparation
from keramos.project.verbs.prepare import PrepareResult
from keramos.settings.prepare import PrepareSettings


def show_prepare(settings: PrepareSettings, result: PrepareResult) -> dict[str, Any]:
    """Print what was done to the slices and where the volume is; the next command checks it."""
    numbers = result.to_json()
    z, y, x = result.shape
    size = result.volume.voxel_size
    lines = [
        ("volume", str(settings.out) if settings.out else "not written (--look)"),
        ("shape", f"{z} x {y} x {x} voxels (z y x)"),
        ("voxel size", str(size) if size else "not known"),
        *list_preparation(result.facts),
    ]
    if result.also is not None:
        lines.append((str(settings.also), result.also.name))
    if result.labels is not None:
        lines.append(("labels", result.labels.name))
    if settings.look is not None:
        lines.append(("page", str(settings.look)))
    print_facts(lines)
    if settings.out is None:
        return numbers
    following = ["keramos", "check", str(settings.out)]
    if result.labels is not None:
        following += ["--labels", result.labels.name]
    beside = {"also": result.also, "labels": result.labels}
    more = {key: volume.name for key, volume in beside.items() if volume is not None}
    return {
        "out": str(settings.out),
        **more,
        **numbers,
        "next": shlex.join(following),
    }
