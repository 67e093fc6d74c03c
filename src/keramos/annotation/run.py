"""Look at a stack with a network, and say which slices and regions to annotate next, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from keramos.annotation.choice import Chosen, choose
from keramos.annotation.survey import SliceSeen, grey_quantiles, survey
from keramos.core import Box, Volume
from keramos.core.errors import SettingsError, ShapeError
from keramos.core.progress import Reporter
from keramos.segmenters import Segmenter, check_grey_type, check_voxel_size, grey_difference
from keramos.settings.suggest import SuggestionOptions


@dataclass(frozen=True)
class Suggestion:
    """A slice (z as in the file) and the region of it to annotate, and why.

    `box` is the region for --box, in voxels of the file. `unsure_share` is the share of its voxels that the network is
    unsure of, the rims of outlines aside; `stack_unsure_share` that of all slices looked at. `slices_away` counts from
    `nearest`, the nearest slice that is annotated or suggested before; both None where there is none. `novelty`
    (0 ... 1) and `worth` (0 ... 1) are what it was chosen by: see `choice` and `window`.
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
    """What to annotate next, best first; what was looked at, and what counts as annotated (z as in the file)."""

    suggestions: tuple[Suggestion, ...]
    looked_at: tuple[int, ...]
    mean_uncertainty: tuple[float, ...]
    annotated: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "suggestions": [asdict(row) for row in self.suggestions],
            "slices": [
                {"z": z, "mean_uncertainty": mean}
                for z, mean in zip(self.looked_at, self.mean_uncertainty, strict=True)
            ],
            "annotated": list(self.annotated),
        }


def prepare_network(volume: Volume, predictor: Segmenter, reporter: Reporter) -> Segmenter:
    """The network, made ready for the volume that it is to look at; the reporter is told where that looks otherwise
    than what the network knows.

    Raises:
        SettingsError: a threshold, which is never unsure.
        VoxelSizeError, PixelError: the network was made for another voxel size or type of grey values.
    """
    if not predictor.has_scores:
        raise SettingsError(
            f"expected a trained network to suggest slices with, found {predictor.name}, a threshold that is equally "
            "sure of every voxel; train a network on what is annotated so far"
        )
    check_voxel_size(volume, predictor)
    check_grey_type(volume, predictor.signature)
    difference = grey_difference(volume, predictor.signature)
    if difference is not None:
        reporter.finding("other grey values", difference)
    return predictor.fit_to(volume, reporter.progress(f"survey for {predictor.name}", "slice"))


def suggest_next(
    volume: Volume,
    predictor: Segmenter,
    *,
    annotated: Sequence[int] = (),
    settings: SuggestionOptions | None = None,
    reporter: Reporter | None = None,
) -> Suggestions:
    """The slices and regions whose annotation would teach a network most, of those looked at. `predictor` is ready for
    the volume (`prepare_network`); `annotated` slices are numbered as in the file.

    Raises:
        ShapeError: an annotated slice that the volume does not have.
    """
    settings, reporter = settings or SuggestionOptions(), reporter or Reporter()
    known = _inside(annotated, volume)
    seen = survey(
        volume,
        predictor,
        edge=settings.edge,
        every=settings.every,
        seconds=settings.seconds,
        progress=reporter.progress("look where the network is unsure", "slice"),
    )
    quantiles = {z: grey_quantiles(volume, z) for z in known}
    std = float(np.std([item.quantiles for item in seen])) or 1.0
    chosen = choose(seen, quantiles, count=settings.count, depth=volume.shape[0], grey_std=std)
    first, stack_share = volume.origin[0], float(np.mean([item.unsure_share for item in seen]))
    return Suggestions(
        tuple(_suggestion(row, stack_share, volume) for row in chosen),
        tuple(item.z + first for item in seen),
        tuple(item.mean_uncertainty for item in seen),
        tuple(z + first for z in known),
    )


def _inside(annotated: Sequence[int], volume: Volume) -> list[int]:
    """The annotated slices counted from the volume's first."""
    first, depth = volume.origin[0], volume.shape[0]
    outside = [z for z in annotated if not first <= z < first + depth]
    if outside:
        raise ShapeError(
            f"expected annotated slices {first} to {first + depth - 1} of {volume.name}, found {outside[0]}; give "
            "their numbers in the stack with --annotated"
        )
    return sorted({z - first for z in annotated})


def _suggestion(row: Chosen, stack_share: float, volume: Volume) -> Suggestion:
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
        why=_why(item, row, stack_share, away),
    )


def _why(item: SliceSeen, row: Chosen, stack_share: float, away: int | None) -> str:
    """The reason in a sentence."""
    unsure = f"{_percent(item.window.unsure_share)} of it is uncertain, outlines aside"
    against = f" ({_percent(stack_share)} in the stack)"
    if away is None:
        return f"{unsure}{against}; no slice of this stack is known to be annotated"
    what = "suggested one" if row.nearest_is_chosen else "annotated one"
    if away == 0:
        return f"{unsure}{against}; the slice is annotated already, as is all that is near"
    return f"{unsure}{against}; it is {away} slice{'s' if away > 1 else ''} from the nearest {what}"


def _percent(share: float) -> str:
    per_cent = 100 * share
    return f"{per_cent:.0f} %" if per_cent >= 9.5 else f"{per_cent:.1f} %" if per_cent >= 0.1 else "less than 0.1 %"
