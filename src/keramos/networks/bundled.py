"""Weights that come with Keramos, trained on phantoms only (`pretraining/porous_solid.py`).

A bundled model is a family: the network that reads neighbouring slices, and one for single images.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.networks.checkpoint import Checkpoint, load_checkpoint

_FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Bundled:
    """Files of one bundled model: for stacks, and for images without neighbours."""

    name: str
    description: str
    stack: Path
    slice: Path

    def file(self, depth: int) -> Path:
        """The file for images of so many slices."""
        return self.stack if depth > 1 else self.slice


BUNDLED: dict[str, Bundled] = {
    "porous-solid": Bundled(
        "porous-solid",
        "void and solid, trained on phantoms",
        _FOLDER / "porous-solid.keramos",
        _FOLDER / "porous-solid-slice.keramos",
    )
}
"""By name."""


def load_bundled(name: str, depth: int) -> Checkpoint | None:
    """The bundled model called `name` for images of `depth` slices; None if there is none of that name."""
    return load_checkpoint(BUNDLED[name].file(depth)) if name in BUNDLED and not Path(name).exists() else None
