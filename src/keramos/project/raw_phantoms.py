"""Write the raw slices of a phantom as a microscope would, and the truth beside them, slab by slab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Checkpoint, has_finished_blocks, lock_output, open_checkpoint
from keramos.core import Box
from keramos.core.errors import StorageError
from keramos.core.files import make_folder, remove_file, write_bytes, write_text, write_whole
from keramos.core.progress import Reporter
from keramos.io import PHANTOM_CHECKPOINT, ZarrWriter, create_labels, remove_store
from keramos.simulation import SLAB
from keramos.simulation.raw import RawStack, describe_truth


def truth_folder(out: Path) -> Path:
    """The folder beside that of the raw slices for all that a microscope does not know.

    Example:
        >>> truth_folder(Path("stacks/raw")).as_posix()
        'stacks/raw-truth'
    """
    return out.with_name(f"{out.name}-truth")


def write_raw_phantom(stack: RawStack, out: Path, *, fresh: bool, reporter: Reporter) -> None:
    """Write one TIFF a slice to `out`, and truth.ome.zarr, truth.json and phantom.json to the folder beside it.

    The same phantom is resumed where it was killed.

    Raises:
        ResumeError: the folder of the truth holds that of another phantom.
        StorageError: `out` holds other files, another run is writing to it, or it cannot be written.
    """
    truth = truth_folder(out)
    make_folder(out)
    make_folder(truth)
    path = truth / PHANTOM_CHECKPOINT
    with lock_output(truth, beside=path):
        if path.is_file() and (fresh or not has_finished_blocks(path)):
            _remove_earlier(out, truth)
            path.unlink()
        checkpoint = open_checkpoint(path, stack.parameters, output=out)
        _refuse_other_files(stack, out, is_begun=path.is_file())
        if checkpoint.is_finished:
            reporter.note(f"the raw phantom in {out} is finished already; nothing to do (a fresh run replaces it)")
            return
        checkpoint.start()
        _write_facts(stack, out, truth)
        _write_slabs(stack, out, truth, checkpoint, reporter)
        checkpoint.finish()


def _write_facts(stack: RawStack, out: Path, truth: Path) -> None:
    """The JSON files, and the files of the series beside its slices."""
    write_text(truth / "truth.json", json.dumps(describe_truth(stack), indent=1) + "\n")
    write_text(truth / "phantom.json", json.dumps(stack.parameters, indent=1) + "\n")
    for name, content in _other_files(stack).items():
        write_bytes(out / name, content)


def _write_slabs(stack: RawStack, out: Path, truth: Path, checkpoint: Checkpoint, reporter: Reporter) -> None:
    first, labels = len(checkpoint.done), truth / "truth.ome.zarr"
    if first:
        reporter.note(
            f"resuming the raw phantom in {out}: {first * SLAB} of {stack.truth_shape[0]} slices are finished"
        )
    else:
        remove_store(labels)
    writer = create_labels(
        labels,
        stack.truth_shape,
        phases=stack.even.phases,
        voxel_size=stack.settings.section_voxels,
        name="truth",
        provenance=stack.even.provenance,
        reopen=bool(first),
    )
    for slab in stack.slabs(first, reporter.progress("make the raw phantom", "slice")):
        for section, image in zip(slab.sections, slab.images, strict=True):
            _write_slice(stack, section, image, out)
        _write_truth(writer, slab.start, slab.truth)
        checkpoint.record(slab.start // SLAB)
    writer.finish(reporter.progress("build the pyramid of truth"))


def _write_truth(writer: ZarrWriter, start: int, truth: NDArray[np.uint8]) -> None:
    if len(truth):
        writer.write(Box((start, 0, 0), (start + len(truth), *truth.shape[1:])), truth)


def _write_slice(stack: RawStack, section: int, image: NDArray[Any], out: Path) -> None:
    import tifffile

    maker, facts = stack.settings.maker, stack.facts(section)
    tags = [(number, kind, len(content), content, True) for number, kind, content in maker.tags(facts)]
    resolution = (maker.resolution, maker.resolution)
    write_whole(
        out / maker.name_file(facts),
        lambda file: tifffile.imwrite(
            file, image, photometric="minisblack", metadata=None, extratags=tags, resolution=resolution, software=False
        ),
    )


def _other_files(stack: RawStack) -> dict[str, bytes]:
    return dict(stack.settings.maker.other_files(stack.facts(0)))


def _refuse_other_files(stack: RawStack, out: Path, *, is_begun: bool) -> None:
    """StorageError if there are files in `out` that are none of this phantom, or any before it is begun."""
    own = {stack.file_name(section) for section in stack.sections} | set(_other_files(stack)) if is_begun else set()
    others = sorted(file.name for file in out.iterdir() if file.name not in own and not file.name.endswith(".partial"))
    if others:
        raise StorageError(f"expected an empty folder for raw slices, found {others[0]} in {out}; write elsewhere")


def _remove_earlier(out: Path, truth: Path) -> None:
    """Remove the files of the raw phantom that the truth tells of."""
    described = truth / "truth.json"
    if described.is_file():
        content = json.loads(described.read_text(encoding="utf-8"))
        for name in (*(row["file"] for row in content["slices"]), *content["other_files"]):
            remove_file(out / name)
    remove_store(truth / "truth.ome.zarr")
