"""Write a phantom slab by slab, so that its size is bounded by the disk and a killed run goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from keramos.blocks import Checkpoint, has_finished_blocks, lock_output, open_checkpoint
from keramos.core import Box, LabelVolume, VoxelSize
from keramos.core.errors import SettingsError, StorageError
from keramos.core.files import make_folder, write_text
from keramos.core.options import result_identity
from keramos.core.progress import Reporter
from keramos.io import (
    PHANTOM_CHECKPOINT,
    ZarrWriter,
    create_image,
    create_labels,
    create_regions,
    file_fingerprint,
    remove_store,
)
from keramos.simulation import REGIONS, SECOND_IMAGES, SLAB, Geometry, PhantomStack, Slab

_STORES = {
    "images": "images",
    "truth": "truth",
    "shown": "truth-as-imaged",
    "regions": "regions",
    "hand": "hand-labels",
}
_SECOND = {name: f"images-{name}" for name in SECOND_IMAGES}


def body_of_labels(labels: LabelVolume, voxel_size: VoxelSize | None, structure: str | None) -> Geometry:
    """A label volume as a body.

    Raises:
        SettingsError: a structure is asked for, too.
        VoxelSizeError: nobody says how large the voxels are.
    """
    if structure is not None:
        raise SettingsError(f"expected either --geometry or --structure, found both (--structure {structure})")
    known = replace(labels, voxel_size=voxel_size or labels.voxel_size)
    known.require_voxel_size()
    return Geometry(known, file_fingerprint(labels))


def write_phantom(stack: PhantomStack, out: Path, *, fresh: bool, reporter: Reporter) -> None:
    """Write images, truth (of the specimen, and as imaged), regions, hand labels and second images where asked for, and
    phantom.json.

    The same phantom is resumed where it was killed.

    Raises:
        ResumeError: `out` holds another phantom.
        StorageError: it holds stores of something else, another run is writing to it, or it cannot be written.
    """
    make_folder(out)
    path = out / PHANTOM_CHECKPOINT
    with lock_output(out, beside=path):
        if not path.is_file() and any(store.exists() for store in _paths(out).values()):
            raise StorageError(f"images or labels of something else than a phantom are in {out}; write elsewhere")
        if path.is_file() and (fresh or not has_finished_blocks(path)):
            _remove_stores(out)
            path.unlink()
        identity = {**result_identity(stack.settings), **stack.parameters}
        checkpoint = open_checkpoint(path, identity, output=out)
        if checkpoint.is_finished:
            reporter.note(f"the phantom in {out} is finished already; nothing to do (a fresh run replaces it)")
            return
        checkpoint.start()
        _write_slabs(stack, out, checkpoint, reporter)
        write_text(out / "phantom.json", json.dumps(stack.parameters, indent=1) + "\n")
        checkpoint.finish()


def _write_slabs(stack: PhantomStack, out: Path, checkpoint: Checkpoint, reporter: Reporter) -> None:
    first = len(checkpoint.done)
    if first:
        reporter.note(f"resuming the phantom in {out}: {first * SLAB} of {stack.settings.shape[0]} slices are finished")
    slabs = stack.slabs(first, reporter.progress("make the phantom", "slice"))
    begin = next(slabs, None)  # what cannot be made shows before anything is written
    if not first:
        _remove_stores(out)  # begun, but without a finished slab
    writers = _Writers.of(stack, out, reopen=bool(first))
    for slab in chain([begin] if begin else [], slabs):
        writers.write(slab)
        checkpoint.record(slab.start // SLAB)
    writers.finish(reporter)


@dataclass(frozen=True)
class _Writers:
    """The stores of a phantom; `hand` and `also` only where hand labels and second images were asked for."""

    images: ZarrWriter
    truth: ZarrWriter
    shown: ZarrWriter
    regions: ZarrWriter
    hand: ZarrWriter | None
    also: ZarrWriter | None

    @classmethod
    def of(cls, stack: PhantomStack, out: Path, *, reopen: bool) -> _Writers:
        shape, size, made, paths = stack.settings.shape, stack.settings.voxels, stack.provenance, _paths(out)

        def labels(name: str) -> ZarrWriter:
            return create_labels(
                paths[name],
                shape,
                phases=stack.phases,
                voxel_size=size,
                name=_STORES[name],
                provenance=made,
                reopen=reopen,
            )

        def images(name: str) -> ZarrWriter:
            return create_image(
                paths[name],
                shape,
                "uint8",
                voxel_size=size,
                view=stack.view,
                provenance=made,
                reopen=reopen,
            )

        regions = create_regions(
            paths["regions"], shape, names=REGIONS, voxel_size=size, provenance=made, reopen=reopen
        )
        hand = labels("hand") if stack.settings.hand_labels else None
        also = None if stack.settings.also is None else images(stack.settings.also)
        return cls(images("images"), labels("truth"), labels("shown"), regions, hand, also)

    def write(self, slab: Slab) -> None:
        _, height, width = self.images.shape
        box = Box((slab.start, 0, 0), (slab.start + len(slab.grey), height, width))
        self.images.write(box, slab.grey)
        self.truth.write(box, slab.truth)
        self.shown.write(box, slab.shown)
        self.regions.write(box, slab.regions)
        if self.hand is not None:
            self.hand.write(box, slab.hand)
        if self.also is not None and slab.also is not None:
            self.also.write(box, slab.also)

    def finish(self, reporter: Reporter) -> None:
        for name, writer in vars(self).items():
            if writer is not None:
                writer.finish(reporter.progress(f"build the pyramid of {_STORES.get(name, 'the second images')}"))


def _paths(out: Path) -> dict[str, Path]:
    return {name: out / f"{file}.ome.zarr" for name, file in {**_STORES, **_SECOND}.items()}


def _remove_stores(out: Path) -> None:
    for path in _paths(out).values():
        remove_store(path)
