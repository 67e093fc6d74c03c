"""A project's folder: where everything in it lies. Nothing else knows the names of its files."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.blocks import lock_output
from keramos.core import Volume
from keramos.core.errors import OutputInUseError
from keramos.core.files import write_text
from keramos.project.inputs import load_images
from keramos.project.workspace.recipe_file import StackTable, read_stack_table, relative_path

_MAX_JSON_BYTES = 2**20
_CHANGING_LAYERS = threading.Lock()


@dataclass(frozen=True)
class Workspace:
    """The folder of a project.

    Attributes:
        recipe: the recipe, which names the stack and how it is read; `keramos run` does the whole job by it.
        labels: the drawn labels, an OME-Zarr label store.
        journal: every stroke, one a line.
        models: folder of the trained networks.
        proposal: what the current network makes of the stack, an OME-Zarr label store with its uncertainty.
        proofreading: folder of what proofreading of segmentations has decided, one folder a segmentation.
        review: how far the review of the labels is.
        runs: folder of the runs of other verbs, one folder a run.
        cache: what can be made again at any time.
        stack_copy: a copy of the stack with coarser levels, where the stack has none.
        view: what the page showed last.
        layers: files that are shown over the stack.
        phases: names and colours of the phases.
    """

    folder: Path

    @property
    def name(self) -> str:
        """The name of the project, that of its folder."""
        return self.folder.resolve().name

    @property
    def recipe(self) -> Path:
        return self.folder / "recipe.toml"

    @property
    def labels(self) -> Path:
        return self.folder / "labels.ome.zarr"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def proposal(self) -> Path:
        return self.folder / "proposal.ome.zarr"

    @property
    def proofreading(self) -> Path:
        return self.folder / "proofreading"

    @property
    def review(self) -> Path:
        return self.folder / "review.json"

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def stack_copy(self) -> Path:
        return self.cache / "images.ome.zarr"

    @property
    def model_difference(self) -> Path:
        return self.cache / "model-difference.ome.zarr"

    @property
    def view(self) -> Path:
        return self.folder / "view.json"

    @property
    def layers(self) -> Path:
        return self.folder / "layers.json"

    @property
    def phases(self) -> Path:
        return self.folder / "phases.json"

    def read_stack_table(self) -> StackTable:
        """The stack of the recipe and how it is read. KeramosError for a recipe that does not say it."""
        return read_stack_table(self.recipe)

    def open_images(self) -> Volume:
        """The stack, read lazily. KeramosError where it cannot be opened."""
        table = self.read_stack_table()
        return load_images(table.find_images(self.folder), table.options)

    def read_layers(self) -> list[dict[str, str]]:
        """The names and paths of files that are shown over the stack, paths relative to the project."""
        rows = _read_object(self.layers).get("layers", [])
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return [row for row in rows if isinstance(row.get("name"), str) and isinstance(row.get("path"), str)]

    def remember_layer(self, name: str, path: Path) -> None:
        """Show a file over the stack also when the project is opened again. StorageError."""
        self._replace_layer(name, [{"name": name, "path": relative_path(str(path), self.folder)}])

    def forget_layer(self, name: str) -> None:
        """Show it no more. StorageError."""
        self._replace_layer(name, [])

    def _replace_layer(self, name: str, rows: list[dict[str, str]]) -> None:
        with _CHANGING_LAYERS:
            kept = [row for row in self.read_layers() if row["name"] != name]
            write_text(self.layers, json.dumps({"layers": [*kept, *rows]}, indent=1) + "\n")

    def read_view(self) -> dict[str, Any]:
        """The state of the page as it was last; nothing where that is not known, or not readable."""
        return _read_object(self.view)

    def write_view(self, view: Mapping[str, Any]) -> None:
        """Keep what the page shows. StorageError."""
        write_text(self.view, json.dumps(view, allow_nan=False) + "\n")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the project for one studio. OutputInUseError if another has it open."""
        with ExitStack() as held:
            try:
                held.enter_context(lock_output(self.folder, beside=self.folder / "studio"))
            except OutputInUseError:
                why = f"another studio has the project {self.folder} open; go on in its page, or close it with Ctrl-C"
                raise OutputInUseError(f"{why} first") from None
            yield


def _read_object(path: Path) -> dict[str, Any]:
    """A JSON object; an empty one for a file that is not there, too large, or something else."""
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            return {}
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
