"""Proofreading of a segmentation in a folder: its queue of places, the decisions, the numbers, and what is exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.annotation.proofreading import (
    Decisions,
    Evidence,
    Place,
    Remeasured,
    correct_labels,
    find_places,
    load_places,
    make_training_labels,
    open_decisions,
    remeasure,
    save_corrected,
    save_places,
)
from keramos.core import Box, LabelVolume, Volume, triple
from keramos.core.errors import MissingFileError
from keramos.core.files import whole_output, write_text
from keramos.core.progress import Reporter
from keramos.io import open_labels, open_uncertainty, save_labels
from keramos.settings.proofread import ProofreadingOptions


@dataclass(frozen=True)
class Proofreading:
    """Proofreading of one segmentation, with all its files in a folder.

    Attributes:
        segmentation: the label store that is proofread; it stays as it is.
        folder: of the files.
        other: another segmentation of the same stack, which may disagree.
        drawn: labels drawn by hand; they count where a place was to be drawn again.
    """

    segmentation: Path
    folder: Path
    other: Path | None = None
    drawn: Path | None = None

    @property
    def decisions_file(self) -> Path:
        """Every decision, one a line."""
        return self.folder / "decisions.jsonl"

    @property
    def places_file(self) -> Path:
        """The queue as it was last made."""
        return self.folder / "places.json"

    @property
    def numbers_file(self) -> Path:
        """The numbers as they were last measured."""
        return self.folder / "numbers.json"

    @property
    def corrected(self) -> Path:
        """The segmentation with its corrections, as a label store."""
        return self.folder / "corrected.ome.zarr"

    @property
    def training(self) -> Path:
        """The corrected and the accepted voxels, as labels to train on."""
        return self.folder / "corrections.ome.zarr"

    def open_labels(self) -> LabelVolume:
        """The segmentation. KeramosError where it cannot be opened."""
        return open_labels(self.segmentation)

    def open_decisions(self, labels: LabelVolume | None = None) -> Decisions:
        """The decisions that were made so far."""
        return open_decisions(self.decisions_file, labels or self.open_labels())

    def load_places(self) -> tuple[Place, ...]:
        """The queue as it was last made; MissingFileError if it never was."""
        return self.load_queue()[0]

    def load_queue(self) -> tuple[tuple[Place, ...], Box | None]:
        """The queue as it was last made, and the box that it is of, None for all; MissingFileError if it never was."""
        places, about = load_places(self.places_file)
        ends = about.get("box")
        return places, None if ends is None else Box(*map(triple, ends))

    def find_places(
        self,
        options: ProofreadingOptions | None = None,
        kinds: Sequence[str] = (),
        reporter: Reporter | None = None,
        box: Box | None = None,
    ) -> tuple[Place, ...]:
        """Make the queue, of the segmentation with its corrections, and keep it; of a box of it if that is given.
        KeramosError as `find_places`."""
        labels = self._correct()
        evidence = Evidence(
            labels,
            _open_uncertainty(self.segmentation),
            None if self.other is None else open_labels(self.other),
            options or ProofreadingOptions(),
        )
        places = find_places(evidence, kinds=kinds, box=box, reporter=reporter)
        about: dict[str, Any] = {
            "segmentation": self.segmentation.name,
            "options": evidence.options.to_json(),
            "kinds": list(kinds),
        }
        if box is not None:
            about["box"] = [list(box.start), list(box.stop)]
        save_places(self.places_file, places, about)
        return places

    def remeasure(self, reporter: Reporter | None = None) -> Remeasured:
        """Measure the numbers before and after the corrections, and keep them. VoxelSizeError as `remeasure`."""
        labels = self.open_labels()
        numbers = remeasure(labels, self.open_decisions(labels).made, self._open_drawn(), reporter=reporter)
        write_text(self.numbers_file, json.dumps(numbers.to_json(), indent=1) + "\n")
        return numbers

    def save(self, reporter: Reporter | None = None) -> dict[str, Any]:
        """Write the corrected segmentation and the labels to train on, each whole or not at all in place of an earlier
        one; their names. StorageError."""
        reporter = reporter or Reporter()
        labels = self.open_labels()
        made = self.open_decisions(labels).made
        progress = reporter.progress("save the corrected segmentation")
        with whole_output(self.corrected) as partial:
            save_corrected(partial, correct_labels(labels, made, self._open_drawn()), progress=progress)
        with whole_output(self.training) as partial:
            save_labels(partial, make_training_labels(labels, made), name="corrections")
        return {"corrected": self.corrected.name, "training": self.training.name}

    def _correct(self) -> LabelVolume:
        labels = self.open_labels()
        return correct_labels(labels, self.open_decisions(labels).made, self._open_drawn())

    def _open_drawn(self) -> LabelVolume | None:
        return open_labels(self.drawn) if self.drawn is not None and self.drawn.exists() else None


def _open_uncertainty(segmentation: Path) -> Volume | None:
    try:
        return open_uncertainty(segmentation)
    except MissingFileError:
        return None
