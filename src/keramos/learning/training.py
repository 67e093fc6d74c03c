"""From annotated slices to a model file: train a network, or choose the parameters of another method.

annotated slices -> normalisation, crops -> fit -> weights + card -> FILE.keramos
now and then FILE.training, from which the same command resumes exactly after a kill; of compact networks every half
minute FILE.unfinished.keramos, too, a model that can be used already
"""

from __future__ import annotations

import time
from pathlib import Path

from keramos.blocks import lock_output
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.loop import LoopResult
from keramos.learning.model_card import make_card
from keramos.learning.model_file import TrainResult, save_model
from keramos.learning.network_training import train_network
from keramos.learning.settings import TrainSettings
from keramos.learning.suit_settings import suit_settings
from keramos.networks import ARCHITECTURES, Checkpoint
from keramos.segmenters import SEGMENTERS, refuse_unknown_model


def train_model(
    data: AnnotatedSlices,
    settings: TrainSettings,
    out: Path,
    *,
    half_range: float,
    start: Checkpoint | None = None,
    keep_stopped: bool = True,
    rival: Checkpoint | None = None,
    reporter: Reporter | None = None,
) -> TrainResult:
    """Fit `settings.model` and write it to `out`; a killed training of a network is resumed.

    `half_range` (grey levels) is Sauvola's r, and half of what the paper's networks divide grey values by. `start`
    gives the initial weights. Ctrl-C ends a network's training early and saves what it has; without
    `keep_stopped` it is a KeyboardInterrupt, and only the state to resume from is kept. With a `rival`, `start`
    itself or another model with these phases, some of the annotation is held out, and what is kept is what is better
    there: the rival as it is, what was learnt, or weights between both.

    Raises:
        SettingsError: no such model, or one that does not read several channels, a device that is not there, or a
            `start` of another architecture or phases.
        VoxelSizeError: a `start` that was made for another voxel size.
        ResumeError: an unfinished training of `out` with other data, settings or weights.
        StorageError: `out` cannot be written (said before the training), or another training is writing to it.
    """
    reporter = reporter or Reporter()
    refuse_unknown_model(settings.model)
    if settings.model in SEGMENTERS and start is not None:
        raise SettingsError(f"expected --from only with a network, found it with {settings.model}; leave it out")
    if settings.model in SEGMENTERS and settings.devices > 1:
        raise SettingsError(f"expected one device for {settings.model}, found {settings.devices}; leave --devices out")
    _refuse_channels(data, settings.model)
    with lock_output(out):
        if settings.model in SEGMENTERS:
            return _choose_parameters(data, settings, out, half_range, reporter)
        settings = suit_settings(settings, data, reporter, fresh=start is None)
        return train_network(data, settings, out, half_range, start, keep_stopped, rival, reporter)


def _refuse_channels(data: AnnotatedSlices, model: str) -> None:
    """SettingsError for several images of each slice with a network or method that reads one."""
    if data.channels > 1 and not (model in ARCHITECTURES and ARCHITECTURES[model].takes_channels):
        takers = ", ".join(name for name, one in ARCHITECTURES.items() if one.takes_channels)
        raise SettingsError(
            f"expected a network that reads images of several detectors ({takers}), found {model} for "
            f"{' + '.join(data.channel_names) or data.channels}; take one of these, or give the images of one detector"
        )


def _choose_parameters(
    data: AnnotatedSlices, settings: TrainSettings, out: Path, half_range: float, reporter: Reporter
) -> TrainResult:
    began, segmenter = time.monotonic(), SEGMENTERS[settings.model]
    progress = reporter.progress(f"choose parameters of {segmenter.title or segmenter.name}", "trial")
    chosen = segmenter.choose_parameters(data, half_range=half_range, progress=progress)
    result = LoopResult(0, time.monotonic() - began, [])
    card = make_card(data, settings, result, "cpu", architecture_settings=chosen.parameters(), normalisation=None)
    return save_model(out, Checkpoint(card, {}, ""), data, scored_slices=settings.scored_slices, stopped=False)
