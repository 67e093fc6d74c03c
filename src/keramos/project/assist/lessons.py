"""One training of the assistant: the labels to learn, the weights that it begins with, and the record of its model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keramos.core import LabelVolume, PhaseTable, Volume
from keramos.core.progress import Progress, Reporter
from keramos.learning import TrainResult, clock, train_model
from keramos.learning import TrainSettings as Training
from keramos.project.assist.drawn_labels import read_drawn
from keramos.project.assist.kept_knowledge import AGREES, add_certain_voxels, measure_agreement
from keramos.project.assist.model_records import ModelRecord, ModelRecords
from keramos.project.assist.networks import StackNetworks, Start
from keramos.project.assist.squares import Codes, Squares
from keramos.project.assist.training_slices import TrainingSlices, choose_grid
from keramos.segmenters import half_range, planes_of

SMALL_STEPS, LARGE_STEPS, LARGEST_STEPS = 5e-4, 2e-3, 6e-3
"""Learning rates for a model that agrees with the labels already, for one that has to change, and for one that does not
tell all phases apart yet. In 90 steps on 24 strokes in two simulated anodes, pore, nickel and YSZ, the third came to a
mean IoU of 0.67 and 0.67, the second to 0.34 and 0.66, once without any nickel."""
CROP, BATCH = 128, 8
_LEAST_TRAINING_S = 3.0


@dataclass(frozen=True, eq=False)
class Lesson:
    """The start of a training: the labels to learn, the share of all labels that are accepted proposals, and the
    weights that it begins with."""

    drawn: Codes
    accepted: float
    squares: Squares
    start: Start


class Lessons:
    """Trainings on one stack with its phases. What was read of it is kept from one to the next."""

    def __init__(self, volume: Volume, phases: PhaseTable, records: ModelRecords, networks: StackNetworks) -> None:
        self.volume, self.phases, self.records, self.networks = volume, phases, records, networks
        self._readers: dict[Any, TrainingSlices] = {}

    def prepare(
        self, labels: LabelVolume, accepted: Volume | None, slices: Sequence[int] | None, reporter: Reporter
    ) -> Lesson:
        """Labels that are not held out, and the weights to begin with. LabelError for fewer than two phases."""
        drawn = read_drawn(labels, accepted, slices, reporter.progress("read the labels", "slice"))
        squares = self.records.squares(self.volume.shape[1:]).assign(drawn.codes, drawn.by_hand)
        learned = squares.keep_learned(drawn.codes)
        start = self.networks.load_start(self.records.current, learned)
        return Lesson(learned, drawn.share_accepted, squares, start)

    def train(self, lesson: Lesson, seconds: float, reporter: Reporter) -> TrainResult:
        """Train for so many seconds, reading the slices among them, but not for less than some; the model is in its
        file."""
        began, start = clock.now(), lesson.start
        card, number = start.checkpoint.card, self.records.next_number()
        agrees = measure_agreement(lesson.drawn, start.scores, start.groups) >= AGREES
        drawn = lesson.drawn
        if agrees:
            drawn = add_certain_voxels(drawn, start.scores, start.groups, number)
        reader = self._reader(card.architecture, choose_grid(self.volume.voxel_size, card.voxel_size))
        data = reader.collect(drawn, self.phases, reporter.progress("read the drawn slices", "slice"))
        left = seconds - (clock.now() - began)
        settings = Training(
            model=card.architecture,
            budget=max(left, _LEAST_TRAINING_S),
            adapts=card.normalisation is not None and card.normalisation.scope == "stack",
            learning_rate=LARGEST_STEPS if not start.tells_all_apart else SMALL_STEPS if agrees else LARGE_STEPS,
            crop=CROP,
            batch=BATCH,
            scored_slices=0,
            device=self.networks.device,  # type: ignore[arg-type]
            fresh=True,
        )
        return train_model(
            data,
            settings,
            self.records.file(number),
            half_range=half_range(self.volume),
            start=start.checkpoint,
            reporter=reporter,
        )

    def make_record(self, lesson: Lesson, fitted: TrainResult, edit: int | None) -> ModelRecord:
        """The record of a model; `edit` is the number of the last stroke that is in its labels."""
        counts = {
            name: sum(int((codes == code).sum()) for codes in lesson.drawn.values())
            for code, name in enumerate(self.phases.names)
        }
        grid = choose_grid(self.volume.voxel_size, fitted.card.voxel_size)
        training = fitted.card.training
        return ModelRecord(
            number=int(fitted.path.stem),
            start=lesson.start.number,
            slices=tuple(sorted(lesson.drawn)),
            voxels=counts,
            seconds=training.seconds,
            steps=training.steps,
            stopped=fitted.stopped,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            edit=edit,
            grid_nm=None if grid is None else grid.zyx,
            accepted=lesson.accepted,
            scored_by_hand=True,
            scored=False,
        )

    def _reader(self, architecture: str, grid: Any) -> TrainingSlices:
        """The reader of annotated slices for such a network, which keeps what it has read."""
        key = (architecture, grid)
        if key not in self._readers:
            self._readers = {key: TrainingSlices(self.volume, grid, planes_of(architecture))}
        return self._readers[key]


class StopListener(Reporter):
    """Passes everything on, and raises KeyboardInterrupt once, at the first progress after `stop()`; a task that is
    done is not interrupted any more."""

    def __init__(self, reporter: Reporter, stop: Callable[[], bool]) -> None:
        self._reporter, self._stop, self._raised = reporter, stop, False

    def progress(self, task: str, unit: str = "block") -> Progress:
        passed_on = self._reporter.progress(task, unit)

        def count(done: int, total: int) -> None:
            passed_on(done, total)
            if done < total and not self._raised and self._stop():
                self._raised = True
                raise KeyboardInterrupt

        return count

    def note(self, text: str) -> None:
        self._reporter.note(text)
