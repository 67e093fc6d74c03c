"""Write a prepared volume block by block, so that memory is bounded and a killed run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from keramos.blocks import Block, Plan, open_checkpoint, run_plan
from keramos.core import Box, Provenance, Triple, View, VoxelSize
from keramos.core.errors import SettingsError, StorageError
from keramos.core.files import write_bytes
from keramos.core.progress import Reporter
from keramos.io import (
    PREPARATION_CHECKPOINT,
    ZarrWriter,
    attach_preparation,
    create_image,
    is_begun,
    remove_store,
    whole_store,
)
from keramos.io.images import open_source
from keramos.preparation import Preparation, PreparedSource, from_bytes, to_bytes

_CHUNK: Triple = (16, 256, 256)
_SAVED = "preparation.npz"
_BASE_BYTES = 3 * 2**27
"""The interpreter, the libraries, the reader's cache."""
_FLOATS = 4
"""Float32 copies of a slice of the field that are there at once: read, remedied twice, moved."""


@dataclass
class PrepareBlock:
    """The task of one block: read its raw slices, compute, write."""

    source: PreparedSource
    writer: ZarrWriter

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def read(self, block: Block) -> NDArray[Any]:
        return self.source.read_raw(block.core)

    def compute(self, block: Block, pixels: NDArray[Any]) -> NDArray[Any]:
        return self.source.compute(block.core, pixels)

    def write(self, block: Block, result: NDArray[Any]) -> None:
        self.writer.write(block.core, result)


@dataclass(frozen=True, eq=False)
class Output:
    """The volume to be written, but for its pixels: where, and what its metadata say."""

    path: Path
    voxel_size: VoxelSize | None
    view: View | None
    provenance: Provenance
    facts: Mapping[str, Any]


def read_saved(out: Path, identity: Mapping[str, Any], *, fresh: bool) -> Preparation | None:
    """The preparation with which an earlier run of the same identity began to write; None where there is none.

    Raises:
        ResumeError: `out` belongs to a run with other options, or of another stack.
        StorageError: `out` holds something else.
    """
    ledger = out / PREPARATION_CHECKPOINT
    if fresh and ledger.is_file():
        remove_store(out)
    if is_begun(out) or not out.exists():
        return None
    if not ledger.is_file():
        raise StorageError(f"{out} is something else than a volume that Keramos prepared; write elsewhere")
    open_checkpoint(ledger, identity, output=out)
    saved = out / _SAVED
    if not saved.is_file():
        raise StorageError(f"{saved} is gone, without which {out} cannot be gone on with; start over with --fresh")
    return from_bytes(saved.read_bytes())


def write_prepared(
    source: PreparedSource, output: Output, identity: Mapping[str, Any], *, memory: int, reporter: Reporter
) -> int:
    """Write the voxels that are left to write, and the coarser levels; the number of blocks that were made.

    Raises:
        SettingsError: one slice needs more than the memory.
        StorageError: the disk refuses.
    """
    out = output.path
    if is_begun(out) or not out.exists():
        _create(source, output, identity, memory)
    checkpoint = open_checkpoint(out / PREPARATION_CHECKPOINT, identity, output=out)
    if checkpoint.is_finished:
        reporter.note(f"{out} is finished already; nothing to do (a fresh run replaces it)")
        return 0
    writer = _open_writer(source, output, out, _read_depth(out), reopen=True)
    plan = _plan(source.shape, writer.chunks[0])
    done = len(checkpoint.done)
    if done:
        reporter.note(f"resuming {out}: {done} of {len(plan)} blocks are finished")
    progress = reporter.progress("prepare the volume")
    run_plan(plan, PrepareBlock(source, writer), checkpoint=checkpoint, progress=progress)
    writer.finish(reporter.progress("build the pyramid"))
    attach_preparation(out, output.facts)
    checkpoint.finish()
    return len(plan) - done


def _create(source: PreparedSource, output: Output, identity: Mapping[str, Any], memory: int) -> None:
    """An empty store with its checkpoint and the preparation. `out` appears whole."""
    preparation = source.preparation
    depth = slices_at_once(preparation.field, source.dtype.itemsize, preparation.halo, memory)
    with whole_store(output.path) as partial:
        _open_writer(source, output, partial, depth, reopen=False)
        write_bytes(partial / _SAVED, to_bytes(source.preparation))
        open_checkpoint(partial / PREPARATION_CHECKPOINT, identity, output=output.path).start()


def _open_writer(source: PreparedSource, output: Output, path: Path, depth: int, *, reopen: bool) -> ZarrWriter:
    return create_image(
        path,
        source.shape,
        source.dtype,
        voxel_size=output.voxel_size,
        chunks=(depth, *_CHUNK[1:]),
        view=output.view,
        provenance=output.provenance,
        reopen=reopen,
    )


def _read_depth(out: Path) -> int:
    """The depth of the chunks that are there: memory may be another this time."""
    return int(getattr(open_source(out, indices=False, unfinished=True).source, "piece_shape", _CHUNK)[0])


def _plan(shape: Triple, depth: int) -> Plan:
    """Runs of whole slices."""
    rows, columns = (-(-n // c) * c for n, c in zip(shape[1:], _CHUNK[1:], strict=True))
    return Plan(shape, (depth, rows, columns))


def slices_at_once(field: Box, itemsize: int, halo: int, memory: int) -> int:
    """The number of slices that are made at once, at most 16, a power of two.

    Args:
        field: the part of the raw slices that is used.
        itemsize: bytes of a grey value.
        halo: neighbours on each side that the remedies look at.
        memory: bytes that may be used.

    Raises:
        SettingsError: one slice needs more than the memory.

    Example:
        >>> slices_at_once(Box((0, 0, 0), (100, 4000, 5000)), 1, 0, 2**31)
        2
    """
    pixels = field.shape[1] * field.shape[2]
    need = 0
    for depth in (16, 8, 4, 2, 1):
        slices = depth + 2 + 2 * halo
        need = _BASE_BYTES + pixels * (slices * (2 * itemsize + 4 * _FLOATS) + 2 * depth * itemsize)
        if need <= memory:
            return depth
    raise SettingsError(
        f"expected at least {-(-need // 2**20)} MiB of --memory for slices of {pixels:,} pixels, found "
        f"{memory // 2**20} MiB; use a part of them (--box)"
    )
