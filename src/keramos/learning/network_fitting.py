"""The fitting of a network: the loop of its recipe, in one process or several, and what is kept on the way."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from keramos.core.progress import Progress, Reporter
from keramos.learning.annotated import AnnotatedSlices, Constants
from keramos.learning.crop_set import TRAINING_SETS, draw_crop_set
from keramos.learning.crops import CropSampler
from keramos.learning.fabric import open_fabric
from keramos.learning.loop import LoopResult, Stage, fit
from keramos.learning.model_card import make_card
from keramos.learning.model_file import save_unfinished
from keramos.learning.one_slice_first import RATE, build_of_one_slice, grow, name_of_one_slice
from keramos.learning.paper import fit_paper
from keramos.learning.ranks import ALONE, Seat
from keramos.learning.rounds import Round, is_enough, plan_rounds, say_enough
from keramos.learning.settings import TrainSettings
from keramos.learning.state import State
from keramos.networks import Checkpoint, Network, Normalisation

_SAVE_EVERY_S = 30.0


@dataclass(frozen=True, eq=False)
class TrainingJob:
    """The training of a network: `data` is what it learns from, `constants` shift and scale its grey values, `keep`
    saves its state, and `state` is the one that an unfinished training left. `seat` is the place of this process among
    those that train. With a `score`, the IoU on annotation that is held out (None where it says nothing), a long
    training stops early when it gains hardly anything."""

    network: Network
    data: AnnotatedSlices
    settings: TrainSettings
    out: Path
    constants: Constants
    device: str
    keep: Callable[[State], None]
    state: State | None
    reporter: Reporter
    seat: Seat = ALONE
    score: Callable[[Checkpoint], float | None] | None = None

    def for_helpers(self) -> bytes:
        """Pack the job for processes that train along: they report and save nothing."""
        plain = self.settings.replace(network=dict(self.settings.network))
        return pickle.dumps(replace(self, settings=plain, keep=_keep_nothing, reporter=Reporter()))

    def model(self, result: LoopResult) -> Checkpoint:
        """The model as it is, with its card."""
        (mean, std), *others = self.constants
        scope: Literal["stack", "fixed"] = "stack" if self.settings.adapts else "fixed"
        card = make_card(
            self.data,
            self.settings,
            result,
            self.device,
            architecture_settings=dict(self.network.settings),
            normalisation=Normalisation(mean=mean, std=std, scope=scope, others=tuple(others)),
        )
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in self.network.state_dict().items()}
        return Checkpoint(card, weights, "")


def _keep_nothing(_: State) -> None:
    """Leave a state where it is: helpers save none."""


def fit_network(job: TrainingJob) -> LoopResult:
    """Fit it by the loop that its recipe names."""
    return _LOOPS[job.settings.recipe.loop](job)


def follow(packed: bytes, seat: Seat) -> None:
    """The part of a helper."""
    _fit_augmented(replace(pickle.loads(packed), seat=seat))


def _fit_augmented(job: TrainingJob) -> LoopResult:
    """One stage or several rounds; or two stages, the first with the network of one slice."""
    settings, name = job.settings, name_of_one_slice(job.settings.model)
    if not settings.one_slice_share or name is None:
        return _fit_rounds(job, job.reporter.progress(f"train {settings.model}", "%"))
    before, state = None, job.state
    if state is None or state.facts["stage"] == 0:
        small = build_of_one_slice(job.network, name)
        first = settings.replace(model=name, one_slice_share=0.0)
        before = _fit_stage(
            replace(job, network=small, data=job.data.with_planes(1), settings=first),
            Stage(end=settings.one_slice_share),
            job.reporter.progress(f"train {name}", "%"),
        )
        grow(job.network, settings.model, name, small)
        state = None
        if before.stopped:
            return before
    stage = Stage(settings.one_slice_share, rate=RATE, before=before, number=1)
    return _fit_stage(replace(job, state=state), stage, job.reporter.progress(f"train {settings.model}", "%"))


def _fit_rounds(job: TrainingJob, progress: Progress) -> LoopResult:
    """Rounds until one of them gains hardly anything, or the budget is spent; one where nothing can be scored."""
    budget, state, before = job.settings.budget_s or 0.0, job.state, LoopResult(0, 0.0, [])
    first = 0 if state is None else state.facts["stage"]
    ends = plan_rounds(budget)
    if state is not None:
        before = replace(before, rounds=tuple(state.facts["rounds"]))
    elif len(ends) > 1:
        before = replace(before, rounds=_score_round((), job, before))
    ends = ends if before.rounds or first else (1.0,)
    for number in range(first, len(ends)):
        stage = Stage((0.0, *ends)[number], ends[number], before=before, number=number)
        before, state = _fit_stage(replace(job, state=state), stage, progress), None
        if before.stopped or stage.end == 1:
            break
        try:
            before = replace(before, rounds=_score_round(before.rounds, job, before))
        except KeyboardInterrupt:
            return replace(before, stopped=True)
        if is_enough(before.rounds, number + 1):
            job.reporter.note(say_enough(before.rounds, budget))
            progress(100, 100)
            break
    return before


def _score_round(rounds: tuple[Round, ...], job: TrainingJob, result: LoopResult) -> tuple[Round, ...]:
    """The rounds and the score of what is there now; as they are where it has none."""
    iou = None if job.score is None else job.score(job.model(result))
    return rounds if iou is None else (*rounds, {"seconds": result.seconds, "iou": iou})


def _fit_stage(job: TrainingJob, stage: Stage, progress: Progress) -> LoopResult:
    settings, data, out, seat = job.settings, job.data, job.out, job.seat
    fabric = open_fabric(job.device, settings.precision, rank=seat.rank, devices=seat.count)
    each = data.constants_of_stacks() if settings.adapts else [job.constants] * len(data.slices)
    sampler = CropSampler(
        data,
        each,
        size=settings.edge,
        batch=settings.batch_size,
        seed=(settings.seed, stage.number) if stage.number else settings.seed,  # no stage learns the same crops again
        ranges=settings.augmentation,
        device=fabric.device,
        tubes=bool(settings.skeleton_recall),
    )
    saved = time.monotonic()
    if fabric.is_global_zero:  # an output that cannot be written shows now, not at the end
        save_unfinished(out, job.model(stage.before or LoopResult(0, 0.0, [])))

    def report(share: float, so_far: LoopResult) -> None:
        nonlocal saved
        progress(round(100 * share), 100)
        if time.monotonic() - saved > _SAVE_EVERY_S:
            save_unfinished(out, job.model(so_far))
            saved = time.monotonic()

    result = fit(
        job.network,
        sampler,
        settings,
        fabric=fabric,
        report=report,
        start=job.state,
        keep=job.keep,
        stage=stage,
    )
    progress(round(100 * stage.end), 100)
    return result


def _fit_paper(job: TrainingJob) -> LoopResult:
    settings = job.settings
    crops = draw_crop_set(job.data, (settings.seed, TRAINING_SETS), count=settings.crops, edge=settings.edge)
    progress = job.reporter.progress(f"train {settings.model}", "%")
    result = fit_paper(
        job.network,
        crops,
        settings,
        constants=job.constants[0],
        device=job.device,
        start=job.state,
        keep=job.keep,
        report=lambda share: progress(min(99, round(100 * share)), 100),
    )
    progress(100, 100)
    return result


_LOOPS: dict[str, Callable[[TrainingJob], LoopResult]] = {"augmented": _fit_augmented, "paper": _fit_paper}
