"""Stores that a killed run has left half-written: pixels are missing in them that read as if they were there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keramos.blocks import Checkpoint, read_checkpoint
from keramos.core import Provenance
from keramos.core.errors import FormatError

SEGMENTATION_CHECKPOINT = "keramos-ledger.jsonl"
"""The checkpoint of a segmentation, in its store."""
PREPARATION_CHECKPOINT = "preparation-ledger.jsonl"
"""The checkpoint of a preparation, in its store."""
PHANTOM_CHECKPOINT = "phantom-ledger.jsonl"
"""The checkpoint of a phantom, in the folder of its stores."""


@dataclass(frozen=True)
class Unfinished:
    """A run that has not finished a store: its verb, and how many of its `blocks` are done (None: not known)."""

    verb: str
    done: int
    blocks: int | None
    is_of_version_01: bool

    def __str__(self) -> str:
        if self.done == self.blocks:
            return "unfinished (all blocks are done, but not what follows them)"
        return (
            f"unfinished ({self.done} of {self.blocks} blocks)" if self.blocks else f"unfinished ({self.done} blocks)"
        )

    @property
    def advice(self) -> str:
        """The sentence's end: what to do."""
        if self.is_of_version_01:
            return f"version 0.1 began it, and only that can go on with it; {self.verb} again with --fresh"
        return f"give the {self.verb} command again to finish it"


def find_unfinished(path: Path, provenance: Provenance) -> Unfinished | None:
    """The run that has not finished the store at `path` (or the store that this group lies in); None for a store that
    is finished, or of another origin.

    `provenance` is that of the store: other stores may lie in the folder of a phantom.
    """
    is_phantom = bool(provenance.steps) and provenance.steps[-1].verb == "phantom"
    for verb, file in _checkpoints(path.resolve(), is_phantom):
        checkpoint = read_checkpoint(file) if file.is_file() else None
        if checkpoint is not None and not checkpoint.is_finished:
            return _describe(verb, checkpoint)
    return None


def refuse_unfinished(path: str | Path, unfinished: Unfinished | None) -> None:
    """FormatError if a run has not finished the store."""
    if unfinished is not None:
        raise FormatError(f"{path} is {unfinished}; {unfinished.advice}")


def _checkpoints(path: Path, is_phantom: bool) -> Iterator[tuple[str, Path]]:
    """The checkpoints that a store may have, each with its verb. Labels lie two groups deep in a segmentation."""
    for store in (path, *path.parents[:2]):
        yield "segment", store / SEGMENTATION_CHECKPOINT
        yield "prepare", store / PREPARATION_CHECKPOINT
        if is_phantom:
            yield "phantom", store.parent / PHANTOM_CHECKPOINT


def _describe(verb: str, checkpoint: Checkpoint) -> Unfinished:
    return Unfinished(verb, len(checkpoint.done), checkpoint.blocks, checkpoint.is_of_version_01)
