"""What is probably wrong, in plain words: with a training, a segmentation, or a prediction seen against the truth."""

from keramos.inspection.finding import Finding, tell
from keramos.inspection.result import evaluation_findings
from keramos.inspection.shift import LabelShift, label_shift
from keramos.inspection.stack import segmentation_findings
from keramos.inspection.training import training_findings

__all__ = [
    "Finding",
    "LabelShift",
    "evaluation_findings",
    "label_shift",
    "segmentation_findings",
    "tell",
    "training_findings",
]
