"""The training of a network: weights to begin with, what is held out, and the choice of model and decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from keramos.core.errors import LabelError, SettingsError
from keramos.core.files import check_writable
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices, Constants
from keramos.learning.calibration import calibrate
from keramos.learning.choice import Candidate, Choice, choose, choose_without_hold_out, judge_model, list_candidates
from keramos.learning.decision_choice import choose_decision
from keramos.learning.device import pick_device
from keramos.learning.held_out_errors import read_scores
from keramos.learning.hold_out import Split, split
from keramos.learning.initial_weights import initialise_from
from keramos.learning.known_material import knows_material
from keramos.learning.loop import LoopResult
from keramos.learning.model_card import further_channels
from keramos.learning.model_file import TrainResult, path_of_unfinished, save_model
from keramos.learning.network_fitting import TrainingJob, fit_network, follow
from keramos.learning.ranks import helpers, refuse_devices
from keramos.learning.rare_balance import balance_rare_phases
from keramos.learning.resuming import note_other_threads, open_resume_file, training_identity
from keramos.learning.settings import TrainSettings
from keramos.learning.state import StateSaver, load_state
from keramos.networks import ARCHITECTURES, Checkpoint, Network, build_network
from keramos.segmenters import LearnedDecision, planes_of

_HELD_OUT = 0.15
"""The share of the annotation that models are compared on, where `--hold-out` does not say it."""
_LEAST_LEARNED = 0.55
"""The least share of the annotation that is left to learn, where models are compared: margins around held-out squares
take much of a small region."""


def train_network(
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    half_range: float,
    start: Checkpoint | None,
    keep_stopped: bool,
    rival: Checkpoint | None,
    reporter: Reporter,
) -> TrainResult:
    device = pick_device(settings.device)
    refuse_devices(device, settings.devices, settings.batch_size)
    check_writable(out)
    torch.manual_seed(settings.seed)
    network = _build_network(data, settings, start)
    goes_on = rival is not None and start is rival
    if rival is not None and goes_on:
        rival = _widen(rival, network, data)
    parts = _hold_out(data, settings, rival is not None)
    everything = data if parts is None else parts.learned
    learned = everything.with_planes(planes_of(settings.model))
    # The paper maps 8-bit images to 0 ... 1.
    constants: Constants = ((0.0, 2 * half_range),) if settings.follows_paper else data.constants()
    resume = open_resume_file(out, settings, training_identity(data, settings, device, start, rival))
    state = load_state(resume)
    if state is not None:
        reporter.note(f"resuming the training of {out} after {state.facts['step']} steps")
        note_other_threads(state, reporter)
    job = TrainingJob(network, learned, settings, out, constants, device, StateSaver(resume), state, reporter)
    known = rival is not None and goes_on and parts is not None and _knows(rival, job, data, parts.held_out)
    if start is not None and parts is not None and known and settings.devices == 1 and not settings.full_budget:
        job = replace(job, score=partial(_score, start=start, held_out=parts.held_out, device=device))
    with helpers(settings.devices, device, follow, job.for_helpers() if settings.devices > 1 else b"") as seat:
        result = fit_network(replace(job, seat=seat))
    if result.stopped and not keep_stopped:
        raise KeyboardInterrupt
    model = job.model(result)
    if start is not None:
        model = _decide_as(start, model)
    fresh = start is None and rival is None
    if start is None and not settings.follows_paper:
        model = balance_rare_phases(model, learned)
    if rival is not None:
        model = _keep_better(list_candidates(rival, model, is_start=start is not None), parts, job)
    model = _record(model, held_out_share=0.0 if parts is None else parts.share_of(data))
    if parts is not None:
        is_calibrated = start is not None and start.card.temperature != 1
        model = calibrate(model, parts.held_out, keep_temperature=known and is_calibrated)
        model = _choose_decision(model, parts, job, fresh=fresh)
    seen = everything.with_planes(planes_of(model.card.architecture))
    fitted = save_model(out, model, seen, scored_slices=settings.scored_slices, stopped=result.stopped)
    path_of_unfinished(out).unlink(missing_ok=True)
    resume.delete()
    return fitted


def _score(model: Checkpoint, *, start: Checkpoint, held_out: AnnotatedSlices, device: str) -> float | None:
    """The IoU on annotation that is held out, decided as by the weights that the training began with; None without a
    voxel of the positive phase among it."""
    judged, positive = judge_model(_decide_as(start, model), held_out, device), held_out.phases.positive
    iou = judged.iou(positive)
    return iou if judged.confusions.sum(axis=0)[positive].sum() and isfinite(iou) else None


def _knows(rival: Checkpoint, job: TrainingJob, data: AnnotatedSlices, held_out: AnnotatedSlices) -> bool:
    """Whether the weights that the training begins with know the material."""
    untouched, *_ = list_candidates(rival, job.model(LoopResult(0, 0.0, [])), is_start=True)
    # Its own card says what it has learnt; the other is that of the training to come.
    model = replace(untouched.model, card=untouched.model.card.model_copy(update={"training": rival.card.training}))
    return knows_material(model, data, held_out, job.device)


def _widen(rival: Checkpoint, network: Network, data: AnnotatedSlices) -> Checkpoint:
    """The weights as the network has them that begins with them: it may read more slices, or further channels."""
    card, weights = rival.card, _copy_weights(network)
    if data.channels > 1 and card.normalisation is not None:
        known = card.normalisation.others
        others = (*known, *data.constants()[1 + len(known) :])
        own = card.normalisation.model_copy(update={"others": others})
        settings = dict(network.settings)
        named = {"channel": data.channel_names[0], "further_channels": further_channels(data)}
        card = card.model_copy(update={"architecture_settings": settings, "normalisation": own, **named})
    return replace(rival, card=card, weights=weights)


def _copy_weights(network: Network) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def _hold_out(data: AnnotatedSlices, settings: TrainSettings, compared: bool) -> Split | None:
    """The annotation that is learnt and that which is held out; None where none is, or where models are to be
    `compared` and too little is annotated for that.

    Raises:
        LabelError: a share that was asked for cannot be held out.
    """
    if settings.hold_out or not compared:
        return split(data, settings.hold_out, settings.seed) if settings.hold_out else None
    try:
        parts = split(data, _HELD_OUT, settings.seed)
    except LabelError:
        return None
    return parts if parts.learned.annotated_voxels >= _LEAST_LEARNED * data.annotated_voxels else None


def _keep_better(candidates: Sequence[Candidate], parts: Split | None, job: TrainingJob) -> Checkpoint:
    """The candidate that is better on annotation that was not learnt; its card holds the scores of all."""
    choice: Choice
    if parts is None:
        choice = choose_without_hold_out(candidates, job.data, job.device)
    else:
        choice = choose(candidates, parts.held_out, job.device)
    job.reporter.note(choice.sentence)
    trials = tuple(trial.to_json() for trial in choice.trials)
    return _record(choice.model, candidates=trials, choice=choice.sentence, kept_share=choice.share)


def _record(model: Checkpoint, **facts: Any) -> Checkpoint:
    """The model with these facts in its training record."""
    training = model.card.training.model_copy(update=facts)
    return replace(model, card=model.card.model_copy(update={"training": training}))


def _decide_as(start: Checkpoint, model: Checkpoint) -> Checkpoint:
    """The model with the temperature and the decision of the weights that it began with; the threshold is that of the
    same phases."""
    decision = LearnedDecision.of(start.card)
    if start.card.phase_table.names != model.card.phase_table.names:
        decision = replace(decision, threshold=None)
    kept = {"temperature": start.card.temperature, **decision.to_json()}
    return replace(model, card=model.card.model_copy(update=kept))


def _choose_decision(model: Checkpoint, parts: Split, job: TrainingJob, *, fresh: bool) -> Checkpoint:
    """The model with the decision on its scores that is better on annotation that was not learnt."""
    if job.settings.follows_paper:
        return model
    choice = choose_decision(model, read_scores(model, parts.held_out, job.device), fresh=fresh)
    job.reporter.note(choice.sentence)
    return choice.put_into(model)


def _build_network(data: AnnotatedSlices, settings: TrainSettings, start: Checkpoint | None) -> Network:
    """The network to train: with fresh weights, or those of `start`."""
    if start is not None:
        return initialise_from(start, settings.model, data.phases, data.voxel_size, data.channels)
    several = {"channels": data.channels} if data.channels > 1 else {}
    network = build_network(settings.model, {"classes": len(data.phases), **several, **settings.network_settings})
    if settings.pretrained is not None:
        load = ARCHITECTURES[settings.model].load_pretrained
        if load is None:
            raise SettingsError(f"{settings.model} takes no pretrained weights; leave --pretrained out")
        load(network, Path(settings.pretrained))
    return network
