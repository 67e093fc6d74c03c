"""Learning beside the person who draws: proposals, trainings and what they are worth, without any window.

drawn labels -> squares held out -> training from the bundled weights or the model in use -> proposal of the slice in
view -> score on what was held out -> the whole stack, the nearest slices first
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from keramos.annotation import Suggestions, suggest_next
from keramos.core import LabelVolume, PhaseTable, Volume
from keramos.core.errors import KeramosError
from keramos.core.progress import FindingCollector, Progress, Reporter
from keramos.inspection import run_checks
from keramos.learning import clock, warm_up
from keramos.networks import load_checkpoint, save_checkpoint
from keramos.project.assist.comparing import Comparison, Keep, compare_models, keep_nothing
from keramos.project.assist.drawn_labels import read_drawn
from keramos.project.assist.enough import judge_labelling, list_curve
from keramos.project.assist.held_out_score import Counts, compare_counts, count_errors, score_counts
from keramos.project.assist.lessons import Lessons, StopListener
from keramos.project.assist.model_records import Gain, ModelRecord, ModelRecords
from keramos.project.assist.networks import StackNetworks
from keramos.project.assist.proposals import Proposals
from keramos.project.assist.squares import Codes, Squares
from keramos.project.assist.training_slices import TrainingSlices
from keramos.segmenters import decide, encode_uncertainty
from keramos.settings.suggest import SuggestionOptions

SECONDS = 18.0
"""From the key press to a new proposal of the slice in view."""
_AFTERWARDS_S = 1.5
_SCORED_SLICES, _SURVEYED_SLICES = 8, 24


def go_on() -> bool:
    """Never stops."""
    return False


class Assistant:
    """Proposes, learns and judges for one stack with its phases; `models` is the folder of its models, `proposal` the
    store of what it proposes. It is used by one thread of one process."""

    def __init__(
        self, volume: Volume, phases: PhaseTable, models: Path, proposal: Path, *, device: str = "auto"
    ) -> None:
        self.volume, self.phases = volume, phases
        self.records = ModelRecords(models)
        self.proposals = Proposals(proposal, volume, phases)
        self.networks = StackNetworks(volume, phases, self.records, device)
        self.lessons = Lessons(volume, phases, self.records, self.networks)
        self._propose_s = 0.0

    def warm_up(self) -> None:
        """Load what a training needs, which takes some seconds the first time."""
        warm_up(self.networks.device)

    def propose(self, z: int, *, again: bool = False) -> bool:
        """Propose slice z by the model in use; gives whether anything new was proposed. With `again` it is made anew.

        Raises:
            SettingsError: three phases, and nothing is learnt yet.
        """
        model = self.records.current
        if self.proposals.maker_of(z) == model and not again:
            return False
        began = clock.now()
        scores = self.networks.scores(model, z)
        unsure = encode_uncertainty(scores[:, None])[0]
        self.proposals.write(z, decide(scores), unsure, model)
        self._propose_s = clock.now() - began
        return True

    def propose_all(
        self, view: int, *, stop: Callable[[], bool] = go_on, progress: Progress | None = None
    ) -> list[int]:
        """Propose the slices that the model in use has not proposed yet, the nearest to the slice in view first, until
        all are made or `stop()`; gives those that were made. The next call goes on."""
        model, made, depth = self.records.current, list[int](), self.volume.shape[0]
        done = self.proposals.count(model)
        for z in self.proposals.missing(model, view):
            if stop():
                break
            self.propose(z)
            made.append(z)
            if progress is not None:
                progress(done + len(made), depth)
        return made

    def learn(
        self,
        labels: LabelVolume,
        *,
        accepted: Volume | None = None,
        slices: Sequence[int] | None = None,
        seconds: float = SECONDS,
        edit: int | None = None,
        stop: Callable[[], bool] = go_on,
        reporter: Reporter | None = None,
    ) -> ModelRecord | None:
        """Train on what is drawn, and make the new model the one in use; `seconds` is the time until a slice can be
        proposed by it.

        Args:
            labels: of the stack; 255 where nothing is drawn.
            accepted: 1 where a label is an accepted proposal: such labels are learnt, but never scored.
            slices: numbers of the slices that have labels, where they are known; else all are looked through.
            edit: number of the last stroke that is in the labels.
            stop: ends the training early; the model is kept as it is.

        Returns:
            The model; None where it was stopped before it had learnt anything.

        Raises:
            LabelError: fewer than two phases are drawn.
        """
        began, listener = clock.now(), StopListener(reporter or Reporter(), stop)
        try:
            lesson = self.lessons.prepare(labels, accepted, slices, listener)
            left = seconds - (clock.now() - began) - self._propose_s - _AFTERWARDS_S
            fitted = self.lessons.train(lesson, left, listener)
        except KeyboardInterrupt:
            return None
        self.records.keep_squares(lesson.squares)
        record = self.lessons.make_record(lesson, fitted, edit)
        self.records.save(record)
        self.records.use(record.number)
        return record

    def score(
        self,
        record: ModelRecord,
        labels: LabelVolume,
        *,
        accepted: Volume | None = None,
        stop: Callable[[], bool] = go_on,
    ) -> ModelRecord:
        """The record with the score of its model on held-out labels that are not `accepted` proposals, what it gained,
        and findings about the labels; the model's scores are calibrated there. Unchanged where it was stopped."""
        squares = self.records.squares(self._plane)
        drawn = read_drawn(labels, accepted, record.slices)
        held = squares.keep_held_out(drawn.by_hand)
        numbers = sorted(held)
        chosen = numbers[:: -(-len(numbers) // _SCORED_SLICES)] if numbers else []
        some = {z: held[z] for z in chosen}
        try:
            after = self._count(record.number, some, squares, stop)
            earlier = record.start if len(self.phases) == 2 or record.start else None
            before = None if earlier is None or not some else self._count(earlier, some, squares, stop)
        except KeyboardInterrupt:
            return record
        gained = None if before is None else compare_counts(before, after, self.phases)
        gain = None if gained is None or earlier is None else Gain(earlier, *gained)
        scored = score_counts(after, self.phases)
        if scored is not None:
            self._calibrate(record.number, after.temperature, scored.iou)
        findings = self._check_labels(record, drawn.codes)
        return self.records.update(record, score=scored, gain=gain, findings=findings, scored=True)

    def use(self, number: int) -> None:
        """Go back to an earlier model, or to the bundled weights (0); proposals are made by it from now on."""
        self.records.use(number)

    def compare(
        self,
        first: int,
        second: int,
        *,
        slices: Sequence[int] | None = None,
        stop: Callable[[], bool] = go_on,
        keep: Keep = keep_nothing,
    ) -> Comparison:
        """The places where two models differ, in these slices or in nine spread evenly over the stack; `keep` is given
        each slice with what both make of it."""
        return compare_models(self.networks, self.proposals, first, second, slices, stop, keep)

    def suggest(
        self, annotated: Sequence[int], *, count: int = 5, edge: int = 256, reporter: Reporter | None = None
    ) -> Suggestions:
        """The places to draw next, best first, with the reason; `annotated` are the slices that have labels.

        Slices whose uncertainty is known already are not looked at again.
        """
        first, model = self.volume.origin[0], self.records.current
        viewer = self.networks.view_with(model)
        known = {z: self.proposals for z in range(self.volume.shape[0]) if self.proposals.maker_of(z) == model}
        every = max(1, -(-self.volume.shape[0] // _SURVEYED_SLICES))
        return suggest_next(
            self.volume,
            viewer.predictor,
            annotated=[z + first for z in annotated],
            settings=SuggestionOptions(count=count, edge=edge, every=every),
            known={z: proposals.unsure for z, proposals in known.items()},
            reporter=reporter,
        )

    def status(self) -> dict[str, Any]:
        """The models, the one in use, the curve, and whether the labelling is enough, as JSON values."""
        records, current = self.records.list(), self.records.current
        used = next((record for record in records if record.number == current), None)
        return {
            "current": current,
            "models": [record.to_json() for record in records],
            "curve": list_curve(records),
            "enough": judge_labelling(used, self.volume.shape[0]).to_json(),
            "proposed": self.proposals.count(current),
            "slices": self.volume.shape[0],
            "can_propose": bool(current) or len(self.phases) == 2,
        }

    @property
    def _plane(self) -> tuple[int, int]:
        return self.volume.shape[1], self.volume.shape[2]

    def _count(self, number: int, drawn: Codes, squares: Squares, stop: Callable[[], bool]) -> Counts:
        def scores(z: int) -> Any:
            if stop():
                raise KeyboardInterrupt
            return self.networks.scores(number, z)

        return count_errors(drawn, squares, len(self.phases), scores)

    def _calibrate(self, number: int, temperature: float, iou: float) -> None:
        path = self.records.file(number)
        checkpoint = load_checkpoint(path)
        scores = {**checkpoint.card.scores, "held_out_iou": iou}
        found = {"temperature": checkpoint.card.temperature * temperature, "scores": scores}
        save_checkpoint(path, checkpoint.card.model_copy(update=found), checkpoint.weights)
        self.networks.forget(number)

    def _check_labels(self, record: ModelRecord, drawn: Codes) -> tuple[dict[str, Any], ...]:
        """Findings about the labels and the training, as JSON values."""
        collector = FindingCollector(Reporter())
        data = TrainingSlices(self.volume, None, 1).collect(drawn, self.phases)
        try:
            for finding in run_checks("labels", data, [self.volume]):
                collector.finding(finding)
            card = load_checkpoint(self.records.file(record.number)).card
            for finding in run_checks("training", card, data, None):
                collector.finding(finding)
        except KeramosError:  # what cannot be checked has no findings
            pass
        return tuple(finding.to_json() for finding in collector.findings)
