"""The queue of places to look at, ordered by what they change in the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.proofreading.connectivity import Connectivity, Flip
from keramos.annotation.proofreading.evidence import Evidence
from keramos.annotation.proofreading.graph import join_pieces
from keramos.annotation.proofreading.kind import KINDS, Candidate, PlaceKind
from keramos.annotation.proofreading.markings import Marking
from keramos.annotation.proofreading.pieces import classify, survey_pieces
from keramos.annotation.proofreading.place import Place
from keramos.annotation.proofreading.surface_change import recount_surface
from keramos.annotation.proofreading.words import describe_effect
from keramos.core import Box, Triple, triple
from keramos.core.progress import Reporter
from keramos.measurements import label_classes, measure_surface

_LEAST_DOUBT = 0.02
"""The doubt of a place that the model is certain of: it comes late, not never."""


def find_places(
    evidence: Evidence, *, kinds: Sequence[str] = (), box: Box | None = None, reporter: Reporter | None = None
) -> tuple[Place, ...]:
    """The places of a segmentation to look at, those first that change the numbers most.

    Works block by block within the memory of the options; what is kept of the whole volume are its pieces, about 200
    bytes each. Components percolate from border to border of the volume. The surface is recounted only where the voxel
    size is known and every voxel has a label.

    Args:
        evidence: the segmentation, and what may speak against it.
        kinds: of places, by name; empty for all that the evidence allows.
        box: the part of the segmentation in which places are looked for, as if there were nothing else: numbers and
            connections are those of the box. Pieces that go on beyond it are no places. None for all of it.
        reporter: receives the progress, and from it the time that is left.

    Raises:
        SettingsError: a kind that there is not.
        ShapeError: a box that is not in the segmentation.

    Example:
        >>> from keramos.core import LabelVolume, PhaseTable
        >>> codes = np.zeros((8, 8, 8), np.uint8)
        >>> codes[:, :, 5:] = 1
        >>> codes[2, 3, 2] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]))
        >>> [(place.kind, place.centre, place.to) for place in find_places(Evidence(labels), kinds=["specks"])]
        [('specks', (2, 3, 2), 'void')]
    """
    if box is not None and box != evidence.labels.box:
        return _find_in_box(evidence, kinds, box, reporter)
    return _find_whole(evidence, kinds, evidence.labels.box, reporter)


def _find_in_box(evidence: Evidence, kinds: Sequence[str], box: Box, reporter: Reporter | None) -> tuple[Place, ...]:
    """The places in a box, in the coordinates of the whole."""
    part, shape = evidence.crop(box), evidence.shape
    low = [int(start > 0) for start in box.start]
    high = [n - (stop < whole) for n, stop, whole in zip(box.shape, box.stop, shape, strict=True)]
    if any(b <= a for a, b in zip(low, high, strict=True)):
        return ()
    rows = _find_whole(part, kinds, Box(triple(low), triple(high)), reporter)
    return tuple(_move(place, box.start) for place in rows)


def _move(place: Place, by: Triple) -> Place:
    phase, z, y, x, voxels = place.id.rsplit("-", 4)
    first = (int(at) + step for at, step in zip((z, y, x), by, strict=True))
    centre = triple([at + step for at, step in zip(place.centre, by, strict=True)])
    return replace(place, id="-".join(map(str, (phase, *first, voxels))), box=place.box.shift(by), centre=centre)


def _find_whole(evidence: Evidence, kinds: Sequence[str], inner: Box, reporter: Reporter | None) -> tuple[Place, ...]:
    """The places of all of the evidence whose pieces lie in the inner box."""
    reporter = reporter or Reporter()
    chosen = [KINDS.find(name) for name in kinds] if kinds else list(KINDS.values())
    chosen = [kind for kind in chosen if not kind.marking.needs or getattr(evidence, kind.marking.needs) is not None]
    places: list[Place] = []
    is_whole = True
    markings = list(dict.fromkeys(kind.marking for kind in chosen))
    progress = reporter.progress("look for places")
    for number, marking in enumerate(markings):
        of_marking = [kind for kind in chosen if kind.marking is marking]

        def show(done: int, total: int, before: int = number) -> None:
            progress(before * total + done, len(markings) * total)

        pieces = survey_pieces(evidence, marking, show)
        numbers = Connectivity(join_pieces(pieces, evidence.shape), evidence.labels.phases)
        is_whole = numbers.annotated == evidence.labels.box.voxels
        for kind in of_marking:
            places += _places_of(kind, numbers, evidence, inner)
    # The same voxels may be a place of several kinds: the one that changes most says why.
    unique: dict[str, Place] = {}
    for place in sorted(places, key=_order):
        unique.setdefault(place.id, place)
    return _recount_surfaces(tuple(unique.values()), evidence) if is_whole else tuple(unique.values())


def _order(place: Place) -> tuple[float, str]:
    return -place.score, f"{place.id} {place.kind}"


@dataclass(frozen=True, eq=False)
class _Rated:
    candidate: Candidate
    flip: Flip
    doubt: float
    score: float


def _places_of(kind: PlaceKind, numbers: Connectivity, evidence: Evidence, inner: Box) -> Iterable[Place]:
    rated = [
        _rate(candidate, kind, numbers, evidence.uncertainty is not None)
        for candidate in kind.choose(numbers, evidence.options)
        if inner.contains(numbers.graph.box(candidate.piece))
    ]
    rated.sort(key=lambda row: (-row.score, row.candidate.piece))
    return [_make_place(kind, row, numbers, evidence) for row in rated[: evidence.options.count]]


def _rate(candidate: Candidate, kind: PlaceKind, numbers: Connectivity, has_uncertainty: bool) -> _Rated:
    flip, graph = numbers.flip(candidate.piece, candidate.to), numbers.graph
    doubt = float(graph.unsure[candidate.piece] / graph.voxels[candidate.piece]) / 255 if has_uncertainty else 1.0
    return _Rated(candidate, flip, doubt, flip.weigh(kind.weigh) * max(doubt, _LEAST_DOUBT))


def _make_place(kind: PlaceKind, row: _Rated, numbers: Connectivity, evidence: Evidence) -> Place:
    graph, piece = numbers.graph, row.candidate.piece
    box, first = graph.box(piece), graph.first_voxel(piece)
    mask = _mask_of(evidence, kind.marking, box, first)
    phase, to = (numbers.phases.names[code] for code in (graph.phase[piece], row.candidate.to))
    return Place(
        id="-".join(map(str, (phase, *first, graph.voxels[piece]))),
        kind=kind.name,
        box=box,
        centre=_centre_of(mask, box),
        phase=phase,
        to=to,
        voxels=int(graph.voxels[piece]),
        changes=tuple(change for change in row.flip.changes if change.difference),
        effect=describe_effect(row.flip, phase, to),
        score=row.score,
        doubt=row.doubt,
        why=kind.why.format(phase=phase, to=to),
        mask=mask,
    )


def _mask_of(evidence: Evidence, marking: Marking, box: Box, first: Triple) -> NDArray[np.bool_]:
    """The voxels (Z Y X, in a box) of the piece that a voxel is of."""
    classes, _ = classify(evidence, marking, box)
    labels, _ = label_classes(classes, Box.whole(box.shape), box.shape)
    at = triple([a - b for a, b in zip(first, box.start, strict=True)])
    return np.asarray(labels == labels[at])


def _centre_of(mask: NDArray[np.bool_], box: Box) -> Triple:
    """The voxel of a mask nearest to its centre of mass, in the coordinates of the volume."""
    voxels = np.argwhere(mask)
    away = np.sum((voxels - voxels.mean(axis=0)) ** 2, axis=1)
    return triple((voxels[int(np.argmin(away))] + box.start).tolist())


def _recount_surfaces(places: Sequence[Place], evidence: Evidence) -> tuple[Place, ...]:
    """The places with what flipping them does to the surface, where the voxel size is known."""
    labels, names = evidence.labels, evidence.labels.phases.names
    if labels.voxel_size is None or min(labels.shape) < 3 or not places:
        return tuple(places)
    now = {name: measure_surface(labels, name) for name in {place.phase for place in places}}
    recounted = []
    for place in places:
        before, codes = now[place.phase], (names.index(place.to), names.index(place.phase))
        if before is None:
            recounted.append(place)
            continue
        change = recount_surface(labels, place.box, place.mask, *codes, before)
        recounted.append(replace(place, changes=(*place.changes, change)))
    return tuple(recounted)
