"""Quantify labels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from keramos.progress import Reporter
from keramos.quantify import Measurements, QuantifySettings, quantify_volume
from keramos.store import file_fingerprint
from keramos.volume import Step
from keramos.workflow.inputs import Labels, Reading, versions
from keramos.workflow.outputs import refuse_inputs
from keramos.workflow.quantities import write_quantities


def quantify(
    labels: Labels,
    *,
    out: str | Path | None = None,
    settings: QuantifySettings | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Measurements:
    """Measure the microstructure of labels of any software: phase fractions, surface, curvature, connectivity, chord
    lengths, correlation and transport, with units and, where they are honest, intervals.

    Into the folder `out`: `quantities.json` with everything, `quantities.csv` and `curves.csv` for a spreadsheet.

    Raises:
        KeramosError: its members say what does not fit: phases, a missing voxel size, an unreadable file.
    """
    reading, reporter, settings = reading or Reading(), reporter or Reporter(), settings or QuantifySettings()
    if out is not None:
        refuse_inputs(out, labels)
    volume = reading.labels(labels, reporter)
    volume.require_voxel_size()
    found = quantify_volume(volume, settings, reporter)
    if out is not None:
        parameters = {"labels": volume.name, **asdict(settings), "conductivity": dict(settings.conductivity)}
        step = Step("quantify", parameters, {"labels": file_fingerprint(volume)}, versions())
        write_quantities(Path(out), found, volume.provenance.then(step))
    return found
