"""The protocol of Hirabayashi et al. 2024."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.core import Box
from keramos.core.progress import Reporter
from keramos.learning import collect_annotated
from keramos.project.comparison import Compared, CompareSettings, run_comparison
from keramos.project.comparison.data import ComparisonData
from keramos.project.inputs import Images, Labels, Reading, note_gaps
from keramos.project.outputs import refuse_inputs
from keramos.project.pairing import opened_pairs
from keramos.segmenters import half_range


def compare(
    images: Images | Sequence[Images],
    labels: Labels | Sequence[Labels],
    test_images: Images | Sequence[Images],
    test_labels: Labels | Sequence[Labels],
    *,
    out: str | Path,
    stack: Images | None = None,
    slices: Sequence[int] | None = None,
    test_slices: Sequence[int] | None = None,
    train_z: Sequence[int] = (),
    test_z: Sequence[int] = (),
    test_box: Box | str | None = None,
    stack_box: Box | str | None = None,
    settings: CompareSettings | None = None,
    fresh: bool = False,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Compared:
    """The protocol of Hirabayashi et al. 2024: train each method on `images` and `labels`, score it on the test pairs,
    segment the `stack`; write tables, figures and every number into the folder `out`.

    `slices` and `test_slices` choose annotated slices, as in `train`. `train_z` and `test_z` say which slices of the
    stack they are, where they come from other files. The region of `reading` is that of the training images, `test_box`
    that of the test images, `stack_box` that of the stack. A run that was killed goes on where it stopped.

    Raises:
        KeramosError: its members say what does not fit.
    """
    reading, reporter, settings = reading or Reading(), reporter or Reporter(), settings or CompareSettings()
    refuse_inputs(out, images, labels, test_images, test_labels, stack)
    pairs = opened_pairs(images, labels, slices=slices, reading=reading, reporter=reporter)
    tests = replace(reading, box=test_box)
    tested = opened_pairs(test_images, test_labels, slices=test_slices, reading=tests, reporter=reporter)
    data = ComparisonData(
        train=collect_annotated(pairs, only=slices),
        test=collect_annotated(tested, only=test_slices),
        half_range=half_range(pairs[0][0]),
        stack=None if stack is None else replace(reading, box=stack_box).volume(stack),
        train_z=tuple(train_z),
        test_z=tuple(test_z),
    )
    if data.stack is not None:
        note_gaps(data.stack, reporter)
    return run_comparison(data, settings, Path(out), fresh=fresh, reporter=reporter)
