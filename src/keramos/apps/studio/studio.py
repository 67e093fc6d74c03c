"""The studio: a project that is open, its layers, and the pages that look at it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from keramos.apps.studio.grey_range import GreyRange, measure_range
from keramos.apps.studio.layers import Layer, StoredVoxels, phases_to_json
from keramos.apps.studio.pieces import PieceCache
from keramos.core import VOID_SOLID, PhaseTable, Volume
from keramos.io import list_levels
from keramos.project.workspace import Workspace

T = TypeVar("T")


class Studio:
    """Everything that routes share, as `request.app.state.studio`.

    Attributes:
        workspace: the folder of the project.
        images: the stack.
        phases: names and colours of what is drawn.
        layers: by name; `images` is the stack.
        cache: decoded pieces of all layers.
    """

    def __init__(self, workspace: Workspace, images: Volume) -> None:
        self.workspace, self.images = workspace, images
        self.phases: PhaseTable = VOID_SOLID
        self.cache = PieceCache()
        self.readers = ThreadPoolExecutor(max(4, os.cpu_count() or 1), thread_name_prefix="tiles")
        levels = list_levels(images.source)
        self.range: GreyRange = measure_range(levels[-1].source, self.cache.read)
        self.layers: dict[str, Layer] = {}
        self.add_layer(Layer("images", "images", "images", StoredVoxels(levels, self.cache, self.range.show)))

    def add_layer(self, layer: Layer) -> None:
        """Show a layer, in place of an earlier one of its name."""
        self.layers[layer.name] = layer

    def to_json(self) -> dict[str, Any]:
        """The project as the page reads it."""
        size, shown = self.images.voxel_size, self.layers["images"].to_json()
        return {
            "name": self.workspace.name,
            "stack": {
                "name": Path(self.images.name).name,
                "shape": list(self.images.shape),
                "voxel_size_nm": None if size is None else list(size.zyx),
                "dtype": self.range.type,
                "levels": shown["levels"],
                "range": [self.range.low, self.range.high],
                "value": {"offset": self.range.offset, "scale": self.range.scale},
            },
            "phases": phases_to_json(self.phases),
            "layers": [layer.to_json() for layer in self.layers.values()],
            "annotated": [],
            "findings": [finding.to_json() for finding in self.images.findings],
            "writer": True,
            "view": self.workspace.read_view(),
            "models": [],
            "steps": [],
        }

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of work that is done in a thread of the readers of tiles."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    def close(self) -> None:
        """Stop the threads."""
        self.readers.shutdown(wait=True, cancel_futures=True)
