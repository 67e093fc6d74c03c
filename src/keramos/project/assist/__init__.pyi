from .assistant import SECONDS, Assistant
from .comparing import Comparison, DifferenceStore, SliceDifference
from .enough import Verdict, judge_labelling, list_curve
from .held_out_score import HeldOutScore
from .model_records import Gain, ModelRecord, ModelRecords
from .places import BUNDLED_WEIGHTS, find_current_model
from .proposals import Proposals

__all__ = [
    "BUNDLED_WEIGHTS",
    "SECONDS",
    "Assistant",
    "Comparison",
    "DifferenceStore",
    "Gain",
    "HeldOutScore",
    "ModelRecord",
    "ModelRecords",
    "Proposals",
    "SliceDifference",
    "Verdict",
    "find_current_model",
    "judge_labelling",
    "list_curve",
]
