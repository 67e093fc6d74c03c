"""The architecture of a training and its initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Finding, Volume, VoxelSize
from keramos.core.progress import Progress, silent
from keramos.learning import AnnotatedSlices, pick_device
from keramos.networks import Checkpoint, WeightsRow, give_phases, load_bundled, load_checkpoint
from keramos.project.assist.beginnings import Scores, match_phases
from keramos.project.assist.squares import Codes
from keramos.project.assist.training_slices import choose_grid
from keramos.scoring import phase_ratios
from keramos.segmenters import planes_of, segmenter_of
from keramos.settings.bundled import POROUS_SOLID
from keramos.settings.train import AUTO, Size, TrainSettings

DEFAULT_MODEL = "compact"
FRESH_WEIGHTS = WeightsRow(source="fresh")
SMALL_STEPS = 5e-4
"""The learning rate for weights that know the material already: larger steps forget what they know."""
_KNOWN = 0.6
"""The least IoU, mean over its phases, of weights that know a material: 0.82 to 0.91 on phantoms of materials that the
bundled ones had not seen, labelled by the simulated annotator, 0.31 on mitochondria."""
_MEDIUM_S, _LARGE_ON_GPU_S = 1200.0, 60.0
_LOOKED_AT = 2**22
"""Most pixels on which weights are compared with labels before a training."""


@dataclass(frozen=True)
class InitialWeights:
    """A network or method by name, and the model whose weights its training starts with; None for fresh ones.
    `learning_rate` is the one to begin with; None for the network's own. `rival` is a model that is kept instead of
    the trained one where it is better; `size` that of the network, None for what is asked for. `origin` says where the
    weights come from, `rival_origin` where those of a rival do that the training does not begin with."""

    model: str
    start: Checkpoint | None = None
    learning_rate: float | None = None
    rival: Checkpoint | None = None
    size: Size | None = None
    origin: WeightsRow = FRESH_WEIGHTS
    rival_origin: WeightsRow | None = None


def choose_size(budget_s: float, device: str) -> Size:
    """The size of a network of which nothing is said: small on a processor, where a larger one is not better after
    480 s of one core (`benchmarks/results/depth_designs.json`) and medium may be after twenty minutes; large on a GPU,
    which takes enough steps for it in a minute.

    Example:
        >>> choose_size(120, "cpu"), choose_size(3600, "cpu"), choose_size(120, "cuda")
        ('S', 'M', 'L')
    """
    if device == "cuda":
        return "L" if budget_s >= _LARGE_ON_GPU_S else "S"
    return "M" if budget_s >= _MEDIUM_S else "S"


def begin_afresh(
    settings: TrainSettings, rival: Checkpoint | None = None, rival_origin: WeightsRow | None = None
) -> InitialWeights:
    """Fresh weights; of a size that suits the time, where nothing is said of the network."""
    if not settings.leaves_network_open:
        return InitialWeights(settings.model or DEFAULT_MODEL)
    size = choose_size(settings.budget_s or 0, pick_device(settings.device))
    return InitialWeights(
        DEFAULT_MODEL, rival=rival, size=None if size == "S" else size, rival_origin=rival_origin if rival else None
    )


def resolve_initial_weights(settings: TrainSettings, volumes: Sequence[Volume]) -> InitialWeights:
    """The network and the weights that are asked for, or the bundled weights where nothing is and voxels of these
    volumes are of their size, or can be resampled to it.

    Without `model` the network is that of the weights. A bundled model is taken in the form that fits the network, or
    else the images.

    Raises:
        MissingFileError, FormatError: the weights asked for are neither a bundled model nor a model file.
    """
    model, start, depth = settings.model, settings.from_, min(volume.shape[0] for volume in volumes)
    if start == AUTO:
        start = POROUS_SOLID if settings.leaves_network_open and _fit_bundled(volumes, depth) else None
    if start is None:
        return begin_afresh(settings)
    planes = depth if model is None else planes_of(model)
    bundled = load_bundled(str(start), planes, volumes[0].voxel_size)
    checkpoint = bundled or load_checkpoint(start)
    origin = WeightsRow(source="bundled" if bundled else "file", name=str(start), sha256=checkpoint.sha256)
    return InitialWeights(model or checkpoint.card.architecture, checkpoint, SMALL_STEPS, checkpoint, origin=origin)


def doubt_unknown_size(volumes: Sequence[Volume], begin: InitialWeights) -> Finding | None:
    """A finding about images whose voxel size is not known where weights read them that were made for one."""
    unknown = [volume.name for volume in volumes if volume.voxel_size is None]
    size = None if begin.start is None else begin.start.card.voxel_size
    if size is None or not unknown:
        return None
    return Finding(
        "voxel-size",
        f"the voxel size of {' and '.join(dict.fromkeys(unknown))} is not known",
        f"the weights that the training begins with were made for {size} and read these voxels as if they were as "
        "large, which costs accuracy where they are not; nor will the model know which stacks it is for",
        "give it (--voxel-size Z Y X, in nm)",
    )


@dataclass(frozen=True, eq=False)
class LabelFit:
    """A model with the phases of labels that it has not seen, and whether it `knows` this material. `bright` are the
    phases that begin as its solid, and `scores` those of its solid (Y X) by the place of a slice in the data."""

    model: Checkpoint
    knows: bool
    bright: tuple[bool, ...]
    scores: dict[int, NDArray[np.float32]]


def fit_to_labels(start: Checkpoint, data: AnnotatedSlices, progress: Progress = silent) -> LabelFit:
    """The model with the phases of the labels, each of which begins as that which looks like it, and whether it knows
    this material: without having seen these labels it tells what looks like each of its phases from the rest."""
    drawn, scores = _look_at_labels(start, data, progress)
    origins = match_phases(data.phases, drawn, scores)
    knows = _mean_iou(drawn, scores, origins) >= _KNOWN
    solid = {place: values[1] for place, values in scores.items()}
    return LabelFit(give_phases(start, data.phases, origins), knows, tuple(map(bool, origins)), solid)


def _mean_iou(drawn: Codes, scores: Scores, origins: Sequence[int]) -> float:
    """The IoU of the model with the labels, mean over its phases; of labels that begin as one phase all together."""
    count = len(next(iter(scores.values())))
    confusion = np.zeros((count, count), np.int64)
    for place, codes in drawn.items():
        known = codes != NOT_ANNOTATED
        true, predicted = np.asarray(origins)[codes[known]], scores[place][:, known].argmax(axis=0)
        confusion += np.bincount(true * count + predicted, minlength=count**2).reshape(count, count)
    return float(np.nan_to_num(phase_ratios(confusion)["iou"]).mean())


def _fit_bundled(volumes: Sequence[Volume], depth: int) -> bool:
    """Whether voxels of all are of the size that the bundled weights were made for, or can be resampled to it, or are
    of a size that is not known."""
    checkpoint = load_bundled(POROUS_SOLID, depth, volumes[0].voxel_size)
    model = None if checkpoint is None else checkpoint.card.voxel_size
    return checkpoint is not None and all(_fits(volume.voxel_size, model) for volume in volumes)


def _fits(size: VoxelSize | None, model: VoxelSize | None) -> bool:
    if size is None or model is None or size.agrees_with(model):
        return True
    return choose_grid(size, model) is not None


def _look_at_labels(
    start: Checkpoint, data: AnnotatedSlices, progress: Progress
) -> tuple[dict[int, NDArray[np.uint8]], dict[int, NDArray[np.float32]]]:
    """Labels and scores of some of the slices, by their place in the data; at least one. Of several channels the first
    is looked at, which is what the model reads before it has learnt the others."""
    segmenter, seen = segmenter_of(start), 0
    drawn: dict[int, NDArray[np.uint8]] = {}
    scores: dict[int, NDArray[np.float32]] = {}
    order = sorted(range(len(data.slices)), key=lambda place: -int(np.sum(data.slices[place].codes != NOT_ANNOTATED)))
    for place in order:
        item = data.slices[place]
        if scores and seen + item.codes.size > _LOOKED_AT:
            break
        item = item.with_planes(planes_of(start.card.architecture))
        volume = replace(item, others=()).as_volume(data.voxel_size)
        scores[place] = segmenter.fit_to(volume).scores(volume.read(), item.block)[:, 0]
        drawn[place], seen = item.codes, seen + item.codes.size
        progress(min(seen, _LOOKED_AT), _LOOKED_AT)
    return drawn, scores
