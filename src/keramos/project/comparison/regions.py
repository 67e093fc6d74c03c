"""Regions of the test slice that are shown, and the protocol in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keramos.core.errors import SettingsError
from keramos.project.comparison.data import ComparisonData
from keramos.project.comparison.settings import Protocol, title_of
from keramos.reports.comparison import Method, NamedRegion
from keramos.reports.plain_words import join_words
from keramos.scoring.differing import Window, find_differing_windows
from keramos.segmenters import planes_of

_EDGES = (48, 192)  # of a window, pixels
_PER_SLICE = 6
_FAILURES = 3
Spans = tuple[tuple[int, int], tuple[int, int]]


def regions_shown(
    methods: Sequence[Method], truth: Any, wanted: Mapping[str, Spans]
) -> tuple[tuple[NamedRegion, ...], tuple[NamedRegion, ...]]:
    """The rows of Fig. 3: where the best method is right and each of the others is wrong; of Fig. 4: where it fails."""
    named = choose_regions(wanted, truth.shape)
    order = sorted(range(len(methods)), key=lambda i: methods[i].iou or 0.0)
    best, labels = order[-1], [method.labels for method in methods]
    edge = min(max(min(truth.shape) // _PER_SLICE, _EDGES[0]), _EDGES[1], *truth.shape)
    apart = [_as_window(spans) for spans in wanted.values()]
    successes = list(named)
    for other in (i for i in range(len(methods)) if i != best):
        found = find_differing_windows(labels, truth, better=[best], worse=[other], edge=edge, count=1, apart=apart)
        apart += found
        successes += [_region(w, methods, [best, other]) for w in found]
    failing = find_differing_windows(labels, truth, better=[], worse=[best], edge=edge, count=_FAILURES, apart=apart)
    return tuple(successes), tuple(_region(w, methods, [best]) for w in failing)


def choose_regions(wanted: Mapping[str, Spans], shape: tuple[int, int]) -> list[NamedRegion]:
    """The regions that the user named. SettingsError if one leaves the test slice."""
    for name, ((top, bottom), (left, right)) in wanted.items():
        if not (0 <= top < bottom <= shape[0] and 0 <= left < right <= shape[1]):
            raise SettingsError(
                f"expected --region {name} inside the first test slice of {shape[0]} x {shape[1]} pixels (y, x), found "
                f"{top}:{bottom},{left}:{right}"
            )
    return [NamedRegion(name, rows, columns, "named by the user") for name, (rows, columns) in wanted.items()]


def _as_window(spans: Spans) -> Window:
    """The square that begins where a wanted region begins: none of those found automatically lies in it."""
    (top, bottom), (left, right) = spans
    return Window(top, left, max(bottom - top, right - left), ())


def _region(window: Window, methods: Sequence[Method], named: Sequence[int]) -> NamedRegion:
    """The window, and how much of it the named methods get wrong."""
    why = ", ".join(f"{methods[i].title} {100 * window.errors[i]:.1f} %" for i in named) + " wrong"
    rows, columns = (window.row, window.row + window.edge), (window.column, window.column + window.edge)
    return NamedRegion(f"y {rows[0]}–{rows[1]}, x {columns[0]}–{columns[1]}", rows, columns, why)


def methods_text(data: ComparisonData, settings: Protocol) -> str:
    """A paragraph for the methods section of a paper."""
    preset = settings.protocol
    sentences = [
        f"{join_words([title_of(name) for name in settings.methods])} were compared by the protocol of Hirabayashi "
        f"et al. (2024), preset '{preset.name}'."
    ]
    if settings.networks:
        length = f"{preset.epochs} epochs" if preset.budget_s is None else f"{preset.budget_s:g} s"
        built = {name: settings.training(name).network for name in settings.networks}
        narrow = [f"{title_of(name)} {_words(given)}" for name, given in built.items() if given]
        halved = "20 epochs" if preset.budget_s is None else "sixth of the training"
        dice = "the whole batch" if settings.dice == "batch" else "each pixel"
        times = "once" if settings.trainings == 1 else f"{settings.trainings} times, from different seeds"
        sentences.append(
            f"Networks were trained {times} for {length} on {preset.train_crops:,} random crops of {preset.crop} "
            f"pixels of {len(data.train.slices)} annotated slice(s), turned by right angles and mirrored at random, "
            f"with the sum of binary cross-entropy and Dice loss (of {dice}) and Adam; the learning rate began "
            f"at 0.001 and halved every {halved}; batches held 8 crops; the weights of the lowest loss were kept."
        )
        if settings.pretrained is not None:
            sentences.append("The FCNs' backbones began with weights of VGG-16 that had been trained on other images.")
        elif settings.backbone is not None:
            sentences.append(f"The FCNs had the backbone {settings.backbone}.")
        if "compact" in settings.networks:
            sentences.append(
                "The compact U-Net was trained by its own recipe: AdamW, cosine decay, richer augmentation."
            )
        if narrow:
            sentences.append(f"The networks were narrower than the paper's: {'; '.join(narrow)}.")
    if "sauvola" in settings.methods:
        sentences.append("Sauvola's window and k and the Gaussian before it were chosen on the training slices.")
    deep = [title_of(name) for name in settings.methods if planes_of(name) > 1]
    if deep:
        sentences.append(
            f"{' and '.join(deep)} read neighbouring slices, and their parameters were chosen on the training slices; "
            "they labelled whole test slices, and crops were cut from these labels."
        )
    if "otsu" in settings.methods:
        sentences.append(f"Otsu's threshold in the table was that of each {settings.otsu_scope}.")
    sentences.append(
        f"Scores are means over {preset.sets} sets of {preset.crops_per_set} random crops of {preset.test_crop} pixels "
        f"of {len(data.test.slices)} test slice(s), ± the standard deviation over sets."
    )
    return " ".join(sentences)


def _words(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
