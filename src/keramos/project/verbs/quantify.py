"""Quantify labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from keramos.blocks import KeptFold
from keramos.core import LabelVolume, Step
from keramos.core.errors import SettingsError
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
    killed pass over the volume is gone on with when the same is asked for again.

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
    kept = None if out is None else _kept(Path(out), volume, settings)
    found = quantify_volume(volume, settings, reporter, kept)
    if true is not None and scores is not None:
        found = with_segmentation(found, volume, scores, true, settings, reporter)
    if out is not None:
        parameters = {"labels": volume.name, **asdict(settings), "conductivity": dict(settings.conductivity)}
        inputs = {"labels": file_fingerprint(volume)}
        if true is not None:
            parameters |= {"truth": true.name, "slices": None if slices is None else list(slices)}
            inputs["truth"] = file_fingerprint(true)
        step = Step("quantify", parameters, inputs, versions())
        write_quantities(Path(out), found, volume.provenance.then(step))
    if kept is not None:
        kept.forget()
    return found


def _kept(out: Path, volume: LabelVolume, settings: QuantifySettings) -> KeptFold:
    """What a pass over these labels has found so far: of other labels, blocks or code it would differ."""
    local = {name: str(getattr(settings, name)) for name in ("phases", "connectivity", "memory_bytes", "workers")}
    return KeptFold(out / _UNFINISHED, {"labels": file_fingerprint(volume), **local, **versions()})
