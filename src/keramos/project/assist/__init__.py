"""Learning beside the person who draws, without any window: proposals, trainings, models and what they are worth."""

from keramos.project.assist.assistant import SECONDS, Assistant
from keramos.project.assist.comparing import Comparison, SliceDifference
from keramos.project.assist.enough import Verdict, judge_labelling, list_curve
from keramos.project.assist.held_out_score import HeldOutScore
from keramos.project.assist.model_records import BUNDLED_WEIGHTS, ModelRecord, ModelRecords
from keramos.project.assist.proposals import Proposals

__all__ = [
    "BUNDLED_WEIGHTS",
    "SECONDS",
    "Assistant",
    "Comparison",
    "HeldOutScore",
    "ModelRecord",
    "ModelRecords",
    "Proposals",
    "SliceDifference",
    "Verdict",
    "judge_labelling",
    "list_curve",
]
