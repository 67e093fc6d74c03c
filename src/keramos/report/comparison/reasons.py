"""What the paper says of the methods, looked for in these results: seen, or not seen and why that may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from keramos.report.comparison.content import ComparisonContent, Method
from keramos.report.comparison.tables import PAPER, fraction_error, mean_change
from keramos.report.plain_words import listed, percent, points, score

_CLEARLY = 1.5
"""One share is clearly larger than another from this ratio on."""
_POINTS = 0.05
"""What is found is clearly more from this difference on."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the paper says, whether it is seen here, by which numbers, and if not, why that may be."""

    says: str
    seen: bool
    numbers: str
    otherwise: str

    @property
    def verdict(self) -> str:
        return "seen" if self.seen else "not seen"


def claims(content: ComparisonContent) -> tuple[Claim, ...]:
    """Those whose methods were compared, in the paper's order."""
    made: Iterable[Callable[[ComparisonContent], Claim | None]] = (
        _order, _shading, _precision, _small_voids, _bright_voids, _continuity,
    )  # fmt: skip
    return tuple(claim for claim in (make(content) for make in made) if claim is not None)


def order_here(content: ComparisonContent) -> list[Method]:
    """The methods from the lowest IoU over crops to the highest."""
    return sorted(content.methods, key=lambda m: m.iou or 0.0)


def _order(content: ComparisonContent) -> Claim | None:
    known = [m for m in order_here(content) if m.name in PAPER]
    if len(known) < 2:
        return None
    theirs = sorted(known, key=lambda m: PAPER[m.name][2])
    swapped = [
        f"{b.title} below {a.title}"
        for i, a in enumerate(theirs)
        for b in theirs[i + 1 :]
        if (b.iou or 0) < (a.iou or 0)
    ]
    trained = " The networks were narrower and trained for minutes." if content.preset == "laptop" else ""
    return Claim(
        "IoU rises in the order " + ", ".join(m.title for m in theirs),
        not swapped,
        "here " + ", ".join(f"{m.title} {score(m.iou)}" for m in known),
        f"Other than in the paper: {listed(swapped)}.{trained} These are other images, too." if swapped else "",
    )


def _shading(content: ComparisonContent) -> Claim | None:
    otsu = content.method("otsu")
    if otsu is None or otsu.cases.missed_dark is None or otsu.cases.missed_bright is None:
        return None
    c = otsu.cases
    dark = otsu.cases.missed_dark > _CLEARLY * otsu.cases.missed_bright
    bright = (c.invented_bright or 0) > _CLEARLY * (c.invented_dark or 0)
    return Claim(
        f"Otsu fails on the shading gradient: it takes {content.others} for {content.positive} where the slice is "
        f"bright, and misses {content.positive} where it is dark",
        dark or bright,
        f"missed {percent(c.missed_dark)} in the dark third, {percent(c.missed_bright)} in the bright third; "
        f"invented {percent(c.invented_dark)} and {percent(c.invented_bright)}",
        "The brightness of this slice varies little from part to part, against the difference between the phases.",
    )


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
        "Networks that have not levelled off differ by how fast they learn as well: see the learning curves."
        if content.preset == "laptop"
        else "The differences here are within what another training would change: see the spread over trainings.",
    )


def _small_voids(content: ComparisonContent) -> Claim | None:
    coarse, fine = content.method("fcn32s"), content.method("fcn8s") or content.method("unet")
    if coarse is None or fine is None or coarse.cases.small_found is None or fine.cases.small_found is None:
        return None
    shown = [m for m in content.methods if m.name in ("fcn32s", "fcn16s", "fcn8s", "unet")]
    return Claim(
        f"FCN-32s loses small, separate patches of {content.others}; {fine.title} finds them",
        fine.cases.small_found > coarse.cases.small_found + _POINTS,
        f"of {coarse.cases.small} found: " + ", ".join(f"{m.title} {percent(m.cases.small_found)}" for m in shown),
        f"{fine.title} has not learnt them here either.",
    )


def _bright_voids(content: ComparisonContent) -> Claim | None:
    sauvola = content.method("sauvola")
    best = next((m for m in reversed(order_here(content)) if m.layers is not None), None)
    if sauvola is None or best is None or sauvola.cases.bright_called is None or best.cases.bright_called is None:
        return None
    off = fraction_error(sauvola) or 0.0
    return Claim(
        f"Sauvola takes bright {content.others} (valleys, floors that shine through) for {content.positive}, and so "
        "finds too much of it",
        sauvola.cases.bright_called > best.cases.bright_called and off > 0,
        f"of {content.others} as bright as {content.positive}, called {content.positive}: Sauvola "
        f"{percent(sauvola.cases.bright_called)}, {best.title} {percent(best.cases.bright_called)}; Sauvola's "
        f"fraction is off by {points(off)}",
        "Sauvola's window, k and smoothing were chosen on the training slice, where they trade such voxels for others."
        if sauvola.cases.bright_called > best.cases.bright_called
        else f"{best.title} takes as many of them: it sees one slice and has not learnt what shines through.",
    )


def _continuity(content: ComparisonContent) -> Claim | None:
    otsu, others = content.method("otsu"), [m for m in content.methods if m.name != "otsu" and len(m.fractions) > 1]
    change = None if otsu is None else mean_change(otsu)
    if change is None or not others:
        return None
    calm = max(mean_change(m) or 0.0 for m in others)
    return Claim(
        "Otsu's fraction jumps from slice to slice; that of the others varies smoothly",
        change > _CLEARLY * calm,
        f"mean change between neighbouring slices: Otsu {100 * change:.2f} points, the others at most {100 * calm:.2f}",
        "The brightness of neighbouring slices is alike in this stack, or the stack is too short to show it.",
    )
