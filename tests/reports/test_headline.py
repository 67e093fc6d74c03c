"""The result in plain sentences."""

from __future__ import annotations

from dataclasses import replace

from keramos.reports import ReportContent
from keramos.reports.headline import explanation, headline


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2011", "-")


def test_the_best_method_its_score_and_what_that_means(content: ReportContent) -> None:
    text = plain(headline(content))
    assert text == (
        "With Close, solid is segmented with a 3-D IoU (intersection over union) of 0.970 "
        "(95 % interval 0.960 to 0.980; indicative, from only 12 blocks): "
        "of every 100 voxels that it or the truth calls solid, both agree on 97."
    )


def test_no_interval_no_brackets(content: ReportContent) -> None:
    best = content.methods[1]
    assert best.evaluation is not None
    phases = tuple(replace(scores, interval={"iou": None}) for scores in best.evaluation.phases)
    bare = replace(best, evaluation=replace(best.evaluation, phases=phases))
    assert "of 0.970: of every 100" in headline(replace(content, methods=(bare,)))
    second = explanation(replace(content, methods=(bare, content.methods[0])))[0]
    assert second == "Next comes Wide with 0.800."


def test_the_runner_up_the_effort_and_what_was_scored(content: ReportContent) -> None:
    assert [plain(s) for s in explanation(content)] == [
        "Next comes Wide with 0.800; the two intervals do not overlap.",
        "Close was trained on 1 annotated slice (z = 1) in 102 s.",
        "Scores are over 6,144 voxels in 3 of 4 slices, the annotated slice left out.",
    ]


def test_it_is_said_when_the_annotated_slices_were_scored_too(content: ReportContent) -> None:
    text = explanation(replace(content, annotated_slices=(0, 2)))[-1]
    assert "3 of 4 slices, the annotated slices included" in text


def test_one_scored_slice_is_a_2_d_score(content: ReportContent) -> None:
    best = content.methods[1]
    assert best.evaluation is not None
    rows = tuple(replace(r, annotated_voxels=r.annotated_voxels if r.z == 0 else 0) for r in best.evaluation.per_slice)
    flat = replace(best, evaluation=replace(best.evaluation, per_slice=rows))
    assert "with a 2-D IoU" in plain(headline(replace(content, methods=(flat,))))


def test_without_scores_no_number_is_claimed(content: ReportContent) -> None:
    methods = tuple(replace(m, evaluation=None) for m in content.methods)
    unscored = replace(content, truth=None, methods=methods)
    assert headline(unscored) == (
        "Segmented with Wide and Close. There is no truth to score against: judge by the pictures."
    )
    assert explanation(unscored) == []
    assert headline(replace(unscored, methods=())) == "No method has segmented this volume yet."
