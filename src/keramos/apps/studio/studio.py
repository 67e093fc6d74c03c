"""The studio: a project that is open, its layers and its drawing, and the pages that look at it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from keramos.annotation.drawing import Drawing, Edit, Scene, close_drawing, identify_stack
from keramos.apps.studio.copying import StackCopying
from keramos.apps.studio.drawing_voxels import DrawingVoxels
from keramos.apps.studio.editor import LabelEditor, Message
from keramos.apps.studio.grey_range import measure_range
from keramos.apps.studio.label_saver import PAUSE_S, LabelSaver, copy_drawing
from keramos.apps.studio.layers import IMAGES, LABELS, PLANES, Layer, TileAddress, phases_to_json, read_tile
from keramos.apps.studio.pages import Pages
from keramos.apps.studio.pieces import PieceCache
from keramos.apps.studio.scene import StudioScene
from keramos.apps.studio.stored_voxels import StoredVoxels, average
from keramos.apps.studio.view_keeper import ViewKeeper
from keramos.core import Finding, PhaseTable, Volume
from keramos.core.errors import KeramosError, LabelError
from keramos.io import Level, list_levels
from keramos.project.workspace import Workspace, is_fast, needs_copy, open_copy, open_project_drawing, write_phases

T = TypeVar("T")


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
        jobs: what goes on in the background, by number.
        doubts: findings about what is in the project's folder.
    """

    def __init__(self, workspace: Workspace, images: Volume) -> None:
        self.workspace, self.images = workspace, images
        self.cache, self.layers, self.pages = PieceCache(), dict[str, Layer](), Pages()
        self.readers = ThreadPoolExecutor(max(4, os.cpu_count() or 1), thread_name_prefix="tiles")
        self.side_readers = ThreadPoolExecutor(max(2, (os.cpu_count() or 1) // 2), thread_name_prefix="side tiles")
        self.hand = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self.closing: list[Callable[[], None]] = []
        self.jobs: dict[Any, dict[str, Any]] = {}
        self.doubts: list[Finding] = []
        self._parts: dict[Any, Any] = {}
        self.started_in = Path.cwd().resolve()
        copied = open_copy(workspace, images) if needs_copy(images) else None
        levels = copied or list_levels(images.source)
        self.range = measure_range(levels[-1].source, self.cache.read)
        stack = identify_stack(images)
        drawing = open_project_drawing(workspace, images.shape, stack)
        scene = StudioScene(images, self.cache, self.layers, lambda: self.editor.drawing)
        self.editor = LabelEditor(drawing, scene, self._announce)
        self.view, self._saver = ViewKeeper(workspace), LabelSaver(workspace, images, stack)
        self.show_layer(self._make_images(levels, all_planes=copied is not None or is_fast(images)))
        self.show_layer(self._make_labels())
        self._lacks_copy = copied is None and needs_copy(images)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Doubts about the stack, what was wrong with the journal of the drawing, and layers that cannot be shown."""
        journal = getattr(self.editor.drawing.history, "findings", ())
        return (*self.images.findings, *self.range.findings, *journal, *self.doubts)

    def part(self, make: Callable[[Studio], T]) -> T:
        """The part of the studio that `make` makes of it when it is first asked for; always in the same thread."""
        if make not in self._parts:
            self._parts[make] = make(self)
        made: T = self._parts[make]
        return made

    def begin(self) -> None:
        """Start the work that goes on in the background; in the server's thread."""
        if self._lacks_copy:
            copying = StackCopying(self.workspace, self.tell_job, self._show_copy)
            self.closing.append(copying.close)
        self._saving = asyncio.get_running_loop().create_task(self._save_in_pauses())

    def tell_job(self, job: Mapping[str, Any]) -> None:
        """Tell the pages the state of a job; those that come later hear of it while it goes on. From any thread."""
        self.jobs[job["id"]] = dict(job)
        self.broadcast({"type": "job", "job": dict(job)})

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
            "positive": self.editor.drawing.phases.positive,
            "layers": [layer.to_json() for layer in self.layers.values()],
            "annotated": list(self.editor.annotated),
            "findings": [finding.to_json() for finding in self.findings],
            "writer": not self.pages.has_writer,
            "view": self.view.content,
            "models": [],
            "steps": [],
        }

    def greet(self) -> list[Message]:
        """The messages for a page that has just come: the state of the drawing, and what goes on."""
        going = [job for job in self.jobs.values() if job["state"] in ("waiting", "running")]
        return [self.editor.describe(), *({"type": "job", "job": job} for job in going)]

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
        if layer is not None:
            layer.voxels.forget()
        return layer is not None

    def refresh_layer(self, name: str, slices: Sequence[int] | None = None) -> None:
        """Show what a layer's file holds now; slices that have changed, or None for all. From any thread."""
        layer = self.layers.get(name)
        if layer is not None:
            layer.voxels.forget(slices)
            layer.version += 1
            self.broadcast({"type": "changed", "layer": name, "slices": None if slices is None else list(slices)})

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of work that is done in a thread of those that read tiles."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    async def read_tile(self, layer: Layer, address: TileAddress) -> NDArray[Any] | None:
        """The pixels of a tile, as `read_tile`. Side views, of each tile of which many pieces are read, have threads of
        their own: no slice waits for them."""
        pool = self.readers if address.plane == "xy" else self.side_readers
        return await asyncio.get_running_loop().run_in_executor(pool, read_tile, layer, address)

    async def in_hand(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of work that is done in the one thread that may change the drawing."""
        return await asyncio.get_running_loop().run_in_executor(self.hand, work, *arguments)

    async def draw(self, message: Message) -> None:
        """Do a gesture, undo or redo, and tell the pages. KeramosError; nothing has changed then."""
        await self.in_hand(self.editor.apply, message)

    async def change_labels(self, make: Callable[[Scene], Edit]) -> Edit:
        """Make a change of the labels, in the journal, and tell the pages. KeramosError; nothing has changed then."""
        return await self.in_hand(self.editor.change, make)

    async def change_phases(self, phases: PhaseTable, kept: int | None = None) -> None:
        """Name and colour the phases anew, add some, or remove some; the first `kept` have the codes that they had
        (all, if not given). LabelError where a phase is removed that something is drawn with; StorageError."""

        def change() -> None:
            drawing = self.editor.drawing
            same = min(len(phases) if kept is None else kept, len(phases))
            if same < len(drawing.phases) and drawing.uses_phases_from(same):
                present = drawing.phases.names
                raise LabelError(
                    f"of the phases {', '.join(present)} something is drawn with {' or '.join(present[same:])}, or "
                    "comes back by undo; name it anew instead of removing it"
                )
            write_phases(self.workspace.phases, phases)
            self.editor.replace_phases(phases)

        await self.in_hand(change)
        self.layers[LABELS].phases = self.editor.drawing.phases
        self.broadcast({"type": "phases", "phases": phases_to_json(phases)})

    async def save_labels(self) -> tuple[int, Drawing]:
        """The labels as they are now, written as the label store of the project, and the number of the last change of
        them. StorageError."""
        number, labels = await self.in_hand(lambda: copy_drawing(self.editor.drawing))
        await self.in_thread(self._saver.save, number, labels)
        return number, labels

    def close(self) -> None:
        """Stop all work, and finish what is being written: each of these, whatever happens to the others. The error of
        the last one that failed is raised at the end."""
        with ExitStack() as steps:  # the last one comes first
            steps.callback(lambda: self._saver.save(self.editor.drawing.number, self.editor.drawing))
            steps.callback(lambda: close_drawing(self.editor.drawing))
            steps.callback(self.view.write)
            for threads in (self.readers, self.side_readers, self.hand):
                steps.callback(threads.shutdown, wait=True, cancel_futures=True)
            for close in reversed(self.closing):
                steps.callback(close)

    async def _save_in_pauses(self) -> None:
        """Write the labels when nobody has drawn for a while, so that other programs find them."""
        last = self.editor.drawing.number
        while True:
            await asyncio.sleep(PAUSE_S)
            number, phases = self.editor.drawing.number, self.editor.drawing.phases
            if number == last and self._saver.is_due(number, phases):
                with suppress(KeramosError, OSError):  # strokes are in the journal; the end of the studio says it again
                    await self.save_labels()
            last = number

    def _make_images(self, levels: tuple[Level, ...], *, all_planes: bool) -> Layer:
        planes = tuple(PLANES) if all_planes else ("xy",)
        voxels = StoredVoxels(levels, self.cache, self.range.show, average)
        return Layer(IMAGES, "images", "images", voxels, planes=planes)

    def _make_labels(self) -> Layer:
        drawing = self.editor.drawing
        voxels = DrawingVoxels(drawing, self.layers[IMAGES].voxels.levels)
        return Layer(LABELS, "labels", "labels", voxels, drawing.phases, self.editor.version)

    def _show_copy(self) -> None:
        levels = open_copy(self.workspace, self.images)
        if levels is not None:
            self.show_layer(self._make_images(levels, all_planes=True))
            self.show_layer(self._make_labels())

    def _announce(self, message: Message) -> None:
        self.layers[LABELS].version = self.editor.version
        self.broadcast(message)
