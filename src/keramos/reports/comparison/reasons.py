"""The paper's claims about the methods, checked on these results, with possible reasons where they do not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from keramos.reports.comparison.content import ComparisonContent, Method
from keramos.reports.comparison.tables import PAPER, fraction_error, mean_change
from keramos.reports.plain_words import join_words, percent, points, score

_CLEARLY, _POINTS = 1.5, 0.05
"""One share is clearly larger than another if both its ratio and its difference are at least these."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the paper, whether it holds here, by which numbers, and if not, why that may be."""

    says: str
    seen: bool
    numbers: str
    otherwise: str

    @property
    def verdict(self) -> str:
        return "seen" if self.seen else "not seen"


def claims(content: ComparisonContent) -> tuple[Claim, ...]:
    """The claims whose methods were compared, in the paper's order."""
    made: Iterable[Callable[[ComparisonContent], Claim | None]] = (
        _order,
        _shading,
        _precision,
        _small_voids,
        _bright_voids,
        _continuity,
    )
    found = [claim for claim in (make(content) for make in made) if claim is not None]
    return tuple(replace(claim, otherwise="") if claim.seen else claim for claim in found)


def order_here(content: ComparisonContent) -> list[Method]:
    """The methods from the lowest IoU over crops to the highest."""
    return sorted(content.methods, key=lambda m: m.iou or 0.0)


def _order(content: ComparisonContent) -> Claim | None:
    known = [m for m in order_here(content) if m.name in PAPER]
    if len(known) < 2:
        return None
    theirs = sorted(known, key=lambda m: PAPER[m.name][2][0])
    swapped = [
        f"{b.title} below {a.title}"
        for i, a in enumerate(theirs)
        for b in theirs[i + 1 :]
        if (b.iou or 0) < (a.iou or 0)
    ]
    trained = f" The networks were trained for {content.training}." if content.training else ""
    return Claim(
        "IoU rises in the order " + ", ".join(m.title for m in theirs),
        not swapped,
        "here " + ", ".join(f"{m.title} {score(m.iou)}" for m in known),
        f"Unlike in the paper: {join_words(swapped)}.{trained} These are other images, too." if swapped else "",
    )


def _shading(content: ComparisonContent) -> Claim | None:
    otsu = content.method("otsu")
    if otsu is None or otsu.cases.false_negative_rate_dark is None or otsu.cases.false_negative_rate_bright is None:
        return None
    c = otsu.cases
    dark = _clearly_more(c.false_negative_rate_dark, c.false_negative_rate_bright)
    bright = _clearly_more(c.false_positive_rate_bright, c.false_positive_rate_dark)
    shade = (
        "" if c.shading is None else f"The dark and the bright third differ by {percent(c.shading)} of the difference "
    )
    return Claim(
        f"Otsu fails on the shading gradient: it takes {content.others} for {content.positive} where the slice is "
        f"bright, and misses {content.positive} where it is dark",
        dark and bright,
        f"missed {percent(c.false_negative_rate_dark)} in the dark third, "
        f"{percent(c.false_negative_rate_bright)} in the bright third; "
        f"invented {percent(c.false_positive_rate_dark)} and {percent(c.false_positive_rate_bright)}",
        f"{shade}between the phases' brightness." if shade else "",
    )


def _clearly_more(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and one > other + _POINTS and one > _CLEARLY * other


def _precision(content: ComparisonContent) -> Claim | None:
    rising = [m for m in (content.method(name) for name in ("fcn32s", "fcn16s", "fcn8s", "unet")) if m is not None]
    if len(rising) < 2:
        return None
    values = [m.crops.over_crops["precision"].mean or 0.0 for m in rising]
    return Claim(
        "Precision rises with the resolution of the features that upsampling adds: "
        + ", ".join(m.title for m in rising),
        values == sorted(values),
        ", ".join(f"{m.title} {score(v)}" for m, v in zip(rising, values, strict=True)),
        _spread_of_trainings(rising),
    )


def _spread_of_trainings(methods: list[Method]) -> str:
    """The spread of IoU over repeated trainings, as far as it is known."""
    spreads = [(m.title, max(m.trainings) - min(m.trainings)) for m in methods if len(m.trainings) > 1]
    if not spreads:
        return "How much another training would change is not known from one training of each."
    return (
        "IoU of trainings from different seeds differ by "
        + join_words([f"{s:.3f} ({title})" for title, s in spreads])
        + "."
    )


def _small_voids(content: ComparisonContent) -> Claim | None:
    coarse, fine = content.method("fcn32s"), content.method("fcn8s") or content.method("unet")
    if (
        coarse is None
        or fine is None
        or coarse.cases.small_detection_rate is None
        or fine.cases.small_detection_rate is None
    ):
        return None
    shown = [m for m in content.methods if m.name in ("fcn32s", "fcn16s", "fcn8s", "unet")]
    return Claim(
        f"FCN-32s loses small, separate patches of {content.others}; {fine.title} finds them",
        fine.cases.small_detection_rate > coarse.cases.small_detection_rate + _POINTS,
        f"of {coarse.cases.small_patches} found: "
        + ", ".join(f"{m.title} {percent(m.cases.small_detection_rate)}" for m in shown),
        f"{fine.title} finds {points(fine.cases.small_detection_rate - coarse.cases.small_detection_rate)} more of "
        "them.",
    )


def _bright_voids(content: ComparisonContent) -> Claim | None:
    sauvola = content.method("sauvola")
    best = next((m for m in reversed(order_here(content)) if m.layers is not None), None)
    if (
        sauvola is None
        or best is None
        or sauvola.cases.bright_false_positive_rate is None
        or best.cases.bright_false_positive_rate is None
    ):
        return None
    off = fraction_error(sauvola) or 0.0
    return Claim(
        f"Sauvola takes bright {content.others} (valleys, floors that shine through) for {content.positive}, and so "
        "finds too much of it",
        sauvola.cases.bright_false_positive_rate > best.cases.bright_false_positive_rate and off > 0,
        f"of {content.others} as bright as {content.positive}, called {content.positive}: Sauvola "
        f"{percent(sauvola.cases.bright_false_positive_rate)}, {best.title} "
        f"{percent(best.cases.bright_false_positive_rate)}; Sauvola's "
        f"fraction is off by {points(off)}",
        "Its window, k and smoothing were chosen for the best IoU on the training slice, which trades what is missed "
        "for what is invented.",
    )


def _continuity(content: ComparisonContent) -> Claim | None:
    otsu, others = content.method("otsu"), [m for m in content.methods if m.name != "otsu" and len(m.fractions) > 1]
    change = None if otsu is None else mean_change(otsu)
    if change is None or not others:
        return None
    calm = max(mean_change(m) or 0.0 for m in others)
    deviation = float(np.std(otsu.fractions, ddof=1)) if otsu is not None else 0.0
    return Claim(
        "Otsu's fraction jumps from slice to slice; that of the others varies smoothly",
        change > _CLEARLY * calm,
        f"mean change between neighbouring slices: Otsu {100 * change:.2f} points, the others at most {100 * calm:.2f}",
        f"Otsu's fraction has a standard deviation of {100 * deviation:.1f} points over the slices; in the paper's "
        "stack of 620 it had 6.5: these slices differ less in brightness, or are too few.",
    )
