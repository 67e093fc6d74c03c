"""Write a data set as nnU-Net v2 wants it (its documentation: dataset_format.md, ignore_label.md).

DatasetNNN_Name/
    dataset.json
    imagesTr/Name_000_0000.tif      grey values         imagesTr/Name_000.json    {"spacing": [z, y, x]}
    labelsTr/Name_000.tif           codes               labelsTr/Name_000.json    the same

A case is a 3-D TIFF, which nnU-Net reads with its Tiff3DIO. Spacings are in nm: nnU-Net looks at their ratios only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from keramos.core import PhaseTable
from keramos.core.errors import LabelError
from keramos.core.files import make_folder, write_text
from keramos.core.progress import Reporter
from keramos.version import __version__
from keramos.writers.nnunet.cases import BACKGROUND, IGNORE, Case, cases_of, phases_of
from keramos.writers.nnunet.settings import NnunetSettings
from keramos.writers.tiff import write_tiff
from keramos.writers.writer import Pairs

_FOLDS = 5


def write_nnunet(
    pairs: Pairs, folder: Path, settings: NnunetSettings | None = None, reporter: Reporter | None = None
) -> None:
    """Write the data set into its own new folder. Only slices with an annotated voxel are written, and their context;
    each run of them is a case.

    The first phase is called background, as nnU-Net demands. Voxels that nobody annotated get its ignore label, the
    code after the last phase; it is declared only where there are any. Grey values of other types than 8 and 16 bit
    become float32.

    Raises:
        LabelError: nothing is annotated, or the pairs' phases differ or have a name that means something to nnU-Net.
        ShapeError, VoxelSizeError: an image and its labels differ in shape; nobody says how large the voxels are.
    """
    settings, reporter = settings or NnunetSettings(), reporter or Reporter()
    phases = phases_of(pairs)
    cases = [case for volume, labels in pairs for case in cases_of(volume, labels, settings.context, reporter)]
    if not cases:
        raise LabelError(f"expected annotated voxels, found none in {', '.join(labels.name for _, labels in pairs)}")
    _write_cases(cases, folder, settings, reporter)
    write_text(folder / "dataset.json", _dataset_json(cases, phases, settings))
    if len(cases) < _FOLDS:
        reporter.note(f"{len(cases)} case(s): too few for nnU-Net's {_FOLDS} folds; train it with the fold `all`")


def _write_cases(cases: Sequence[Case], folder: Path, settings: NnunetSettings, reporter: Reporter) -> None:
    """The images, labels and spacings of all cases."""
    images, labels, progress = folder / "imagesTr", folder / "labelsTr", reporter.progress("write the cases", "case")
    make_folder(images)
    make_folder(labels)
    for number, case in enumerate(cases):
        name = settings.case(number)
        write_tiff(case.images, images / f"{name}_0000.tif", imagej=False)
        write_tiff(case.labels, labels / f"{name}.tif", imagej=False)
        spacing = json.dumps({"spacing": list(case.images.require_voxel_size().zyx)}) + "\n"
        write_text(images / f"{name}.json", spacing)
        write_text(labels / f"{name}.json", spacing)
        progress(number + 1, len(cases))


def _dataset_json(cases: Sequence[Case], phases: PhaseTable, settings: NnunetSettings) -> str:
    ignored = any(case.ignores() for case in cases)
    names = [BACKGROUND, *phases.names[1:], *([IGNORE] if ignored else [])]
    origin = {
        settings.case(number): {
            "images": Path(case.images.name).name,
            "slices": [case.first, case.first + case.images.shape[0]],
        }
        for number, case in enumerate(cases)
    }
    facts = {
        "name": settings.name,
        "channel_names": {"0": "FIB-SEM"},
        "labels": {name: code for code, name in enumerate(names)},
        "numTraining": len(cases),
        "file_ending": ".tif",
        "overwrite_image_reader_writer": "Tiff3DIO",
        "keramos": {"version": __version__, "phases": list(phases.names), "spacing_unit": "nm", "cases": origin},
    }
    return json.dumps(facts, indent=1) + "\n"
