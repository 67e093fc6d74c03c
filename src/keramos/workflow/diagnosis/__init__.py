"""What is probably wrong, in plain words: with a training, a segmentation, or a prediction seen against the truth."""

from keramos.workflow.diagnosis.finding import Finding, tell
from keramos.workflow.diagnosis.result import evaluation_findings
from keramos.workflow.diagnosis.shift import LabelShift, label_shift
from keramos.workflow.diagnosis.stack import segmentation_findings
from keramos.workflow.diagnosis.training import training_findings

__all__ = [
    "Finding", "LabelShift", "evaluation_findings", "label_shift", "segmentation_findings", "tell", "training_findings",
]  # fmt: skip
