"""How well labels agree with truth: measure block by block, merge, finish."""

from keramos.evaluate.bootstrap import Bootstrap
from keramos.evaluate.evaluation import BoundaryBand, Evaluation, PhaseScores, SliceFraction
from keramos.evaluate.finish import finish
from keramos.evaluate.measure import measure
from keramos.evaluate.overlay import error_overlay, grey_picture, save_png
from keramos.evaluate.partial import Partial, empty, merge
from keramos.evaluate.regions import RegionCounts, RegionScore, count_regions, region_scores
from keramos.evaluate.settings import ScoreSettings

__all__ = [
    "Bootstrap", "BoundaryBand", "Evaluation", "Partial", "PhaseScores", "RegionCounts", "RegionScore",
    "ScoreSettings", "SliceFraction", "count_regions", "empty", "error_overlay", "finish", "grey_picture",
    "measure", "merge", "region_scores", "save_png",
]  # fmt: skip
