"""A worker that makes the surfaces of labels: `python -m keramos.apps.studio.workers.surface`.

It reads {"path", "title", "voxel_size"} (Z Y X in nm, for labels that do not know theirs; null where nobody does) and
writes {"surfaces", "physical"} or {"error"} as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from keramos.apps.studio.workers.lines import lower_priority
from keramos.core import LabelVolume, VoxelSize
from keramos.core.errors import KeramosError
from keramos.core.object_path import as_path
from keramos.io import open_labels


def main() -> None:
    """Answer the one request on standard input."""
    lower_priority()
    request = json.load(sys.stdin)
    try:
        answer = describe_surfaces(as_path(request["path"]), request["title"], request["voxel_size"])
    except KeramosError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "there is too little memory for a surface of these labels"}
    sys.stdout.write(json.dumps(answer))


def describe_surfaces(path: Path, title: str, voxel_size: list[float] | None) -> dict[str, Any]:
    """The data of the 3-D view; an error where there is nothing to show. KeramosError."""
    from keramos.reports.surface import make_surfaces  # late: it loads the libraries of reports

    labels = open_labels(path)
    if min(labels.shape) < 2:
        return {"error": "a surface needs two slices, rows and columns at least"}
    size = labels.voxel_size or (VoxelSize(*voxel_size) if voxel_size else None)
    known = LabelVolume(labels.source, size, labels.name, labels.provenance, labels.phases)
    surfaces = make_surfaces(title, known)
    if not surfaces:
        return {"error": "no phase of these labels has a surface"}
    return {"surfaces": surfaces, "physical": size is not None}


if __name__ == "__main__":
    main()
