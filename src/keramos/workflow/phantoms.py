"""Write a phantom slab by slab, so that its size is bounded by the disk and a killed run goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

from keramos.blockwise import Ledger, open_ledger
from keramos.errors import StorageError
from keramos.phantom import SLAB, PhantomSettings, PhantomStack
from keramos.progress import Reporter
from keramos.store import ZarrWriter, create_image, create_labels, make_folder, remove_store, write_text
from keramos.volume import VOID_SOLID, Box

_LEDGER = "phantom-ledger.jsonl"
_STORES = ("images.ome.zarr", "truth.ome.zarr")


def write_phantom(settings: PhantomSettings, out: Path, *, fresh: bool, reporter: Reporter) -> PhantomStack:
    """Write images.ome.zarr, truth.ome.zarr and phantom.json into `out`; the same settings resume.

    Raises:
        LedgerError: `out` holds another phantom.
        StorageError: it holds stores of something else, or cannot be written.
    """
    stack = PhantomStack(settings)
    if fresh:
        _remove(out)
    make_folder(out)
    resuming = (out / _LEDGER).exists()
    if not resuming and any((out / name).exists() for name in _STORES):
        raise StorageError(
            f"expected no other images or truth in {out}, found some already there; replace them with --fresh"
        )
    ledger = open_ledger(out / _LEDGER, {"phantom": json.dumps(stack.parameters, sort_keys=True)})
    if ledger.finished:
        reporter.note(f"the phantom in {out} is finished already; nothing to do (--fresh starts again)")
        return stack
    _write_slabs(stack, out, ledger, reporter)
    write_text(out / "phantom.json", json.dumps(stack.parameters, indent=1) + "\n")
    ledger.finish()
    return stack


def _write_slabs(stack: PhantomStack, out: Path, ledger: Ledger, reporter: Reporter) -> None:
    images, truth = _writers(stack, out, reopen=bool(ledger.done))
    first = len(ledger.done)
    if first:
        reporter.note(f"resuming the phantom in {out}: {first * SLAB} of {stack.settings.shape[0]} slices are finished")
    _, height, width = stack.settings.shape
    for slab in stack.slabs(first, reporter.progress("make the phantom", "slice")):
        box = Box((slab.start, 0, 0), (slab.start + len(slab.grey), height, width))
        images.write(box, slab.grey)
        truth.write(box, slab.truth)
        ledger.record(slab.start // SLAB)
    images.finish(reporter.progress("build the pyramid of images"))
    truth.finish(reporter.progress("build the pyramid of truth"))


def _writers(stack: PhantomStack, out: Path, *, reopen: bool) -> tuple[ZarrWriter, ZarrWriter]:
    settings = stack.settings
    if not reopen:
        _remove_stores(out)  # begun, but without a finished slab
    images = create_image(
        out / _STORES[0], settings.shape, "uint8", voxel_size=settings.voxel_size, name="images",
        view=settings.kind.view, provenance=stack.provenance, reopen=reopen,
    )  # fmt: skip
    truth = create_labels(
        out / _STORES[1], settings.shape, phases=VOID_SOLID, voxel_size=settings.voxel_size, name="truth",
        provenance=stack.provenance, reopen=reopen,
    )  # fmt: skip
    return images, truth


def _remove(out: Path) -> None:
    _remove_stores(out)
    (out / _LEDGER).unlink(missing_ok=True)


def _remove_stores(out: Path) -> None:
    for name in _STORES:
        remove_store(out / name)
