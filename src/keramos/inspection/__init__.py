"""Checks of a training, a segmentation, or a prediction against the truth; each gives findings, if any."""

from keramos.inspection.check import CHECKS, Check, check_before_work, run_checks
from keramos.inspection.label_amounts import UNPAINTED
from keramos.inspection.missed_bodies import report_missed_bodies
from keramos.inspection.outline_offset import OutlineOffset, find_outline_offset, report_outline_offset
from keramos.inspection.placing import check_placing
from keramos.inspection.result import check_evaluation
from keramos.inspection.shift import LabelShift, find_label_shift
from keramos.inspection.stack import check_segmentation
from keramos.inspection.stack_survey import StackSurvey, survey_stack
from keramos.inspection.trained_slices import report_left_out, report_scored, report_unknown
from keramos.inspection.training import check_training
from keramos.inspection.whole_slices import find_bar, read_whole_slices

__all__ = [
    "CHECKS",
    "UNPAINTED",
    "Check",
    "LabelShift",
    "OutlineOffset",
    "StackSurvey",
    "check_before_work",
    "check_evaluation",
    "check_placing",
    "check_segmentation",
    "check_training",
    "find_bar",
    "find_label_shift",
    "find_outline_offset",
    "read_whole_slices",
    "report_left_out",
    "report_missed_bodies",
    "report_outline_offset",
    "report_scored",
    "report_unknown",
    "run_checks",
    "survey_stack",
]
