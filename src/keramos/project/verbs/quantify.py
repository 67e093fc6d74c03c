"""Quantify labels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from keramos.blocks import FoldCheckpoint, lock_output
from keramos.core import LabelVolume, Step
from keramos.core.errors import SettingsError
from keramos.core.options import result_identity
from keramos.core.progress import Reporter
from keramos.io import file_fingerprint
from keramos.measurements import Measurements, QuantifySettings, quantify_volume, with_segmentation
from keramos.project.certainty import labels_and_truth, scores_of
from keramos.project.inputs import Labels, Reading, versions
from keramos.project.outputs import refuse_inputs
from keramos.project.quantities import write_quantities

_UNFINISHED = "quantify.unfinished"


def quantify(
    labels: Labels,
    *,
    out: str | Path | None = None,
    truth: Labels | None = None,
    slices: Sequence[int] | None = None,
    settings: QuantifySettings | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Measurements:
    """Measure the microstructure of labels of any software: phase fractions, surface, curvature, connectivity, chord
    lengths, correlation and transport, with units and, where they are honest, intervals.

    With the `truth` of some slices (255 where not annotated; of a single slice that of `slices[0]`; of a stack only
    `slices`, if given) that the network has not learnt from, and with the scores that `segment` kept beside the labels,
    some quantities get a second interval: how sure the segmentation is (`Quantity.segmentation`).

    Into the folder `out`: `quantities.json` with everything, `quantities.csv` and `curves.csv` for a spreadsheet. A
    killed pass over the volume is resumed when the same is asked for again.

    Raises:
        KeramosError: its members say what does not fit: phases, a missing voxel size, an unreadable file.
    """
    reading, reporter, settings = reading or Reading(), reporter or Reporter(), settings or QuantifySettings()
    if slices is not None and truth is None:
        raise SettingsError("expected --slices only with --truth, whose slices they are, found no --truth")
    if out is not None:
        refuse_inputs(out, labels, truth)
    if truth is None:
        volume, true = reading.labels(labels, reporter), None
    else:
        volume, true = labels_and_truth(labels, truth, slices, reading, reporter)
    volume.require_voxel_size()
    scores = None if true is None else scores_of(volume)
    checkpoint = None if out is None else _fold_checkpoint(Path(out), volume, settings, reporter)
    with nullcontext() if checkpoint is None else lock_output(checkpoint.path):
        measured = quantify_volume(volume, settings, reporter, checkpoint)
        if true is not None and scores is not None:
            measured = with_segmentation(measured, volume, scores, true, settings, reporter)
        if out is not None:
            parameters = {"labels": volume.name, **asdict(settings), "conductivity": dict(settings.conductivity)}
            inputs = {"labels": file_fingerprint(volume)}
            if true is not None:
                parameters |= {"truth": true.name, "slices": None if slices is None else list(slices)}
                inputs["truth"] = file_fingerprint(true)
            step = Step("quantify", parameters, inputs, versions())
            write_quantities(Path(out), measured, volume.provenance.then(step))
        if checkpoint is not None:
            checkpoint.delete()
    return measured


def _fold_checkpoint(out: Path, volume: LabelVolume, settings: QuantifySettings, reporter: Reporter) -> FoldCheckpoint:
    """The file in which a pass over these labels is saved; one of other labels, settings or blocks starts over."""
    identity = {**result_identity(settings), "labels": file_fingerprint(volume)}
    return FoldCheckpoint(out / _UNFINISHED, identity, reporter.note)
