"""The result in two or three plain sentences."""

from __future__ import annotations

from keramos.reports.content import MethodResult, ReportContent, iou_of
from keramos.reports.plain_words import SPACE, count, duration, interval, join_words, ranges
from keramos.scoring import Evaluation


def headline(content: ReportContent) -> str:
    """The best method's IoU in words; what was done where nothing was scored."""
    if not content.scored:
        if not content.methods:
            return "No method has segmented this volume yet."
        names = join_words([m.name for m in content.methods])
        return f"Segmented with {names}. There is no truth to score against: judge by the pictures."
    best = content.scored[0]
    evaluation, iou = best.evaluation, iou_of(best)
    if evaluation is None or iou is None:
        raise AssertionError("a scored method has an IoU")
    phase = evaluation.positive
    return (
        f"With {best.name}, {phase} is segmented with {_kind_of_iou(evaluation)} IoU (intersection over union) of "
        f"{iou:.3f}{_interval_text(evaluation)}: of every 100 voxels that it or the truth calls {phase}, both agree on "
        f"{100 * iou:.0f}."
    )


def explanation(content: ReportContent) -> list[str]:
    """Sentences on the basis of the headline: the runner-up, the training, the scored voxels."""
    if not content.scored:
        return []
    best = content.scored[0]
    sentences = [
        _runner_up_text(best, content.scored[1]) if len(content.scored) > 1 else "",
        _effort_text(best, content),
    ]
    sentences.append(_describe_scored(best, content))
    return [sentence for sentence in sentences if sentence]


def _kind_of_iou(evaluation: Evaluation) -> str:
    return "a 3\u2011D" if sum(row.annotated_voxels > 0 for row in evaluation.per_slice) > 1 else "a 2\u2011D"


def _interval_text(evaluation: Evaluation) -> str:
    bounds = evaluation.positive_scores.interval.get("iou")
    if bounds is None:
        return ""
    few = f"; indicative, from only {evaluation.bootstrap.blocks} blocks" if evaluation.bootstrap.indicative else ""
    return f" (95{SPACE}% interval {interval(bounds, ' to ')}{few})"


def _runner_up_text(best: MethodResult, second: MethodResult) -> str:
    text = f"Next comes {second.name} with {iou_of(second):.3f}"
    bounds = [m.evaluation.positive_scores.interval.get("iou") if m.evaluation else None for m in (best, second)]
    if bounds[0] is None or bounds[1] is None:
        return f"{text}."
    apart = bounds[0][0] > bounds[1][1]
    return f"{text}; the two intervals {'do not overlap' if apart else 'overlap'}."


def _effort_text(best: MethodResult, content: ReportContent) -> str:
    if best.seconds_train is None:
        return ""
    slices = len(content.annotated_slices)
    source = f" on {count(slices, 'annotated slice')} (z = {ranges(content.annotated_slices)})" if slices else ""
    return f"{best.name} was trained{source} in {duration(best.seconds_train)}."


def _describe_scored(best: MethodResult, content: ReportContent) -> str:
    if best.evaluation is None:
        return ""
    scored = [row.z for row in best.evaluation.per_slice if row.annotated_voxels]
    text = (
        f"Scores are over {count(best.evaluation.voxels, 'voxel')} in {len(scored)} of "
        f"{count(content.volume.shape[0], 'slice')}"
    )
    seen = set(scored) & set(content.annotated_slices)
    if seen:
        return f"{text}, {_name_annotated(len(seen))} included: there a trained method looks better than it is."
    return (
        f"{text}, {_name_annotated(len(content.annotated_slices))} left out."
        if content.annotated_slices
        else f"{text}."
    )


def _name_annotated(slices: int) -> str:
    return "the annotated slice" if slices == 1 else "the annotated slices"
