"""The review of labels as a guided tour in three passes, with progress that is kept."""

from keramos.annotation.review.progress import MARKS, TourProgress, open_progress
from keramos.annotation.review.tour import Stop, plan_tour

__all__ = ["MARKS", "Stop", "TourProgress", "open_progress", "plan_tour"]
