"""Suggestions of the slices and regions to annotate next, with reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.choice import Chosen, choose
from keramos.annotation.survey import SliceSeen, SliceViewer, grey_quantiles, survey
from keramos.core import Box, Finding, Volume
from keramos.core.errors import SettingsError, ShapeError
from keramos.core.progress import Reporter
from keramos.core.share import share_text
from keramos.segmenters import Segmenter, check_grey_type, check_voxel_size, grey_difference
from keramos.settings.suggest import SuggestionOptions


@dataclass(frozen=True)
class Suggestion:
    """A suggested slice and region, with the reason.

    Attributes:
        z: number of the slice in the file.
        box: the region for --box, in voxels of the file.
        unsure_share: fraction of its voxels that the network is uncertain of, without the rims of outlines.
        stack_unsure_share: the same fraction over all surveyed slices.
        mean_uncertainty: mean normalised entropy of the slice.
        nearest: nearest slice that is annotated or was suggested before; None if there is none.
        slices_away: distance to it in slices.
        novelty, worth: 0 ... 1, the criteria of the selection: see `choice` and `window`.
        why: the reason in a sentence.
    """

    z: int
    box: str
    unsure_share: float
    stack_unsure_share: float
    mean_uncertainty: float
    nearest: int | None
    slices_away: int | None
    novelty: float
    worth: float
    why: str


@dataclass(frozen=True)
class Suggestions:
    """Suggestions, best first, with the surveyed slices and those that count as annotated (z as in the file);
    `findings` say what is probably wrong (`keramos.suggest` looks for it)."""

    suggestions: tuple[Suggestion, ...]
    looked_at: tuple[int, ...]
    mean_uncertainty: tuple[float, ...]
    annotated: tuple[int, ...]
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "suggestions": [asdict(row) for row in self.suggestions],
            "slices": [
                {"z": z, "mean_uncertainty": mean}
                for z, mean in zip(self.looked_at, self.mean_uncertainty, strict=True)
            ],
            "annotated": list(self.annotated),
            "findings": [finding.to_json() for finding in self.findings],
        }


def prepare_network(volume: Volume, predictor: Segmenter, reporter: Reporter) -> Segmenter:
    """The network fitted to the volume; the reporter gets a finding if grey values differ from the training data.

    Raises:
        SettingsError: a threshold, which has no uncertainty.
        VoxelSizeError, PixelError: the network was trained for another voxel size or type of grey values.
    """
    if not predictor.has_scores:
        raise SettingsError(
            f"suggestions need a trained network; {predictor.name} is a threshold, equally certain of every voxel; "
            "train a network on the slices annotated so far"
        )
    check_voxel_size(volume, predictor)
    check_grey_type(volume, predictor.signature)
    difference = grey_difference(volume, predictor.signature)
    if difference is not None:
        reporter.finding(difference)
    return predictor.fit_to(volume, reporter.progress(f"survey for {predictor.name}", "slice"))


def suggest_next(
    volume: Volume,
    predictor: Segmenter,
    *,
    annotated: Sequence[int] = (),
    settings: SuggestionOptions | None = None,
    known: Mapping[int, Callable[[int], NDArray[np.uint8]]] = MappingProxyType({}),
    reporter: Reporter | None = None,
) -> Suggestions:
    """The slices and regions, among those surveyed, whose annotation should help the network most.

    Args:
        volume: the stack.
        predictor: a network from `prepare_network`.
        annotated: numbers of the annotated slices in the file.
        settings: options; None for the defaults.
        known: readers of the uncertainty (Y X, 0 ... 255) of slices that the network has looked at already.
        reporter: receives the progress.

    Raises:
        ShapeError: an annotated slice that the volume does not have.
    """
    settings, reporter = settings or SuggestionOptions(), reporter or Reporter()
    drawn = _number_from_first(annotated, volume)
    seen = survey(
        SliceViewer(volume, predictor, known),
        edge=settings.edge,
        every=settings.every,
        seconds=settings.seconds,
        progress=reporter.progress("find where the network is uncertain", "slice"),
    )
    quantiles = {z: grey_quantiles(volume, z) for z in drawn}
    std = float(np.std([item.quantiles for item in seen])) or 1.0
    chosen = choose(seen, quantiles, count=settings.count, depth=volume.shape[0], grey_std=std)
    first, stack_share = volume.origin[0], float(np.mean([item.unsure_share for item in seen]))
    return Suggestions(
        tuple(_make_suggestion(row, stack_share, volume) for row in chosen),
        tuple(item.z + first for item in seen),
        tuple(item.mean_uncertainty for item in seen),
        tuple(z + first for z in drawn),
    )


def _number_from_first(annotated: Sequence[int], volume: Volume) -> list[int]:
    """Numbers of the annotated slices counted from the first slice of the volume. ShapeError if one is outside."""
    first, depth = volume.origin[0], volume.shape[0]
    outside = [z for z in annotated if not first <= z < first + depth]
    if outside:
        raise ShapeError(
            f"expected annotated slices from {first} to {first + depth - 1} of {volume.name}, found {outside[0]}; "
            "--annotated takes slice numbers of the stack"
        )
    return sorted({z - first for z in annotated})


def _make_suggestion(row: Chosen, stack_share: float, volume: Volume) -> Suggestion:
    item, (z0, y0, x0) = row.slice, volume.origin
    window, z = item.window, item.z + z0
    start = (z, y0 + window.row, x0 + window.column)
    box = Box(start, (z + 1, start[1] + window.height, start[2] + window.width))
    away = None if row.nearest is None else abs(item.z - row.nearest)
    return Suggestion(
        z=z,
        box=str(box),
        unsure_share=window.unsure_share,
        stack_unsure_share=stack_share,
        mean_uncertainty=item.mean_uncertainty,
        nearest=None if row.nearest is None else row.nearest + z0,
        slices_away=away,
        novelty=row.novelty,
        worth=window.worth,
        why=_explain(item, row, stack_share, away),
    )


def _explain(item: SliceSeen, row: Chosen, stack_share: float, away: int | None) -> str:
    """The reason in a sentence."""
    unsure = f"{_percent(item.window.unsure_share)} of the region is uncertain, outlines excluded"
    against = f" ({_percent(stack_share)} in the stack)"
    if away is None:
        return f"{unsure}{against}; no slice of this stack is known to be annotated"
    what = "suggested slice" if row.nearest_is_chosen else "annotated slice"
    if away == 0:
        return f"{unsure}{against}; this slice and its neighbours are already annotated"
    return f"{unsure}{against}; it is {away} slice{'s' if away > 1 else ''} from the nearest {what}"


def _percent(share: float) -> str:
    per_cent = 100 * share
    return share_text(share, 0) if per_cent >= 9.5 else f"{per_cent:.1f} %" if per_cent >= 0.1 else "less than 0.1 %"
