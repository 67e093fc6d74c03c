"""The studio: a project that is open, its layers and its drawing, and the pages that look at it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from keramos.annotation.drawing import Edit, Scene, close_drawing
from keramos.apps.studio.drawing_voxels import DrawingVoxels
from keramos.apps.studio.editor import LabelEditor, Message
from keramos.apps.studio.grey_range import measure_range
from keramos.apps.studio.layers import Layer, StoredVoxels, phases_to_json
from keramos.apps.studio.pages import Pages
from keramos.apps.studio.pieces import PieceCache
from keramos.apps.studio.scene import StudioScene
from keramos.apps.studio.view_keeper import ViewKeeper
from keramos.core import PhaseTable, Volume
from keramos.io import list_levels
from keramos.project.workspace import Workspace, open_project_drawing, write_phases

T = TypeVar("T")
IMAGES, LABELS = "images", "labels"


class Studio:
    """Everything that routes share, as `request.app.state.studio`.

    Attributes:
        workspace: the folder of the project.
        images: the stack.
        layers: by name; `images` is the stack, `labels` the drawing.
        cache: decoded pieces of all layers.
        pages: the pages that look at it.
        editor: the drawing; only the thread of `in_hand` changes it.
        started_in: the folder in which the studio was started.
        closing: called in turn when the studio closes.
    """

    def __init__(self, workspace: Workspace, images: Volume) -> None:
        self.workspace, self.images = workspace, images
        self.cache, self.layers, self.pages = PieceCache(), dict[str, Layer](), Pages()
        self.readers = ThreadPoolExecutor(max(4, os.cpu_count() or 1), thread_name_prefix="tiles")
        self.hand = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self.closing: list[Callable[[], None]] = []
        self.started_in = Path.cwd()
        levels = list_levels(images.source)
        self.range = measure_range(levels[-1].source, self.cache.read)
        drawing = open_project_drawing(workspace, images.shape)
        scene = StudioScene(images, self.cache, self.layers, lambda: self.editor.drawing)
        self.editor = LabelEditor(drawing, scene, self._announce)
        self.view = ViewKeeper(workspace)
        self.layers[IMAGES] = Layer(IMAGES, "images", "images", StoredVoxels(levels, self.cache, self.range.show))
        shapes = self.layers[IMAGES].voxels.levels
        self.layers[LABELS] = Layer(LABELS, "labels", "labels", DrawingVoxels(drawing, shapes), drawing.phases)

    def to_json(self) -> dict[str, Any]:
        """The project as the page reads it."""
        size, shown = self.images.voxel_size, self.range
        return {
            "name": self.workspace.name,
            "stack": {
                "name": Path(self.images.name).name,
                "shape": list(self.images.shape),
                "voxel_size_nm": None if size is None else list(size.zyx),
                "dtype": shown.type,
                "levels": self.layers[IMAGES].to_json()["levels"],
                "range": [shown.low, shown.high],
                "value": {"offset": shown.offset, "scale": shown.scale},
            },
            "phases": phases_to_json(self.editor.drawing.phases),
            "layers": [layer.to_json() for layer in self.layers.values()],
            "annotated": list(self.editor.annotated),
            "findings": [finding.to_json() for finding in self.images.findings],
            "writer": not self.pages.has_writer,
            "view": self.view.content,
            "models": [],
            "steps": [],
        }

    def broadcast(self, message: Mapping[str, Any]) -> None:
        """Send a message to all pages, from any thread."""
        self.pages.broadcast(message)

    def show_layer(self, layer: Layer) -> None:
        """Show a layer, in place of an earlier one of its name, and tell the pages. From any thread."""
        self.drop_layer(layer.name)
        self.layers[layer.name] = layer
        self.broadcast({"type": "changed", "layer": layer.name, "slices": None})
        self.broadcast({"type": "project"})

    def drop_layer(self, name: str) -> bool:
        """Show a layer no more; False if there is none of that name."""
        layer = self.layers.pop(name, None)
        if layer is not None and isinstance(layer.voxels, StoredVoxels):
            layer.voxels.forget()
        return layer is not None

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of work that is done in a thread of those that read tiles."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    async def in_hand(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of work that is done in the one thread that may change the drawing."""
        return await asyncio.get_running_loop().run_in_executor(self.hand, work, *arguments)

    async def draw(self, message: Message) -> None:
        """Do a gesture, undo or redo, and tell the pages. KeramosError; nothing has changed then."""
        await self.in_hand(self.editor.apply, message)

    async def change_labels(self, make: Callable[[Scene], Edit]) -> Edit:
        """Make a change of the labels, in the journal, and tell the pages. KeramosError; nothing has changed then."""
        return await self.in_hand(self.editor.change, make)

    async def change_phases(self, phases: PhaseTable) -> None:
        """Name and colour the phases anew, and add some. StorageError."""

        def change() -> None:
            write_phases(self.workspace.phases, phases)
            self.editor.replace_phases(phases)

        await self.in_hand(change)
        self.layers[LABELS].phases = self.editor.drawing.phases
        self.broadcast({"type": "phases", "phases": phases_to_json(phases)})

    def close(self) -> None:
        """Finish what is being written, and stop all work."""
        for close in self.closing:
            close()
        self.hand.shutdown(wait=True, cancel_futures=True)
        self.readers.shutdown(wait=True, cancel_futures=True)
        self.view.write()
        close_drawing(self.editor.drawing)

    def _announce(self, message: Message) -> None:
        self.layers[LABELS].version = self.editor.version
        self.broadcast(message)
