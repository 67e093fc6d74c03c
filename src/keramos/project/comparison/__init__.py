"""The protocol of Hirabayashi et al. 2024 on the user's data: train, score over crops, segment, compare, report.

pairs, test pairs, stack -> checkpoint (only the same comparison is resumed)
each method:  train -> model;  crops -> confusions, score histograms;  test slices and stack -> labels
all of it -> tables, curves, figures -> compare.json, figures/*.png, report.html
"""

from keramos.project.comparison.run import ComparisonResult, run_comparison
from keramos.project.comparison.settings import PRESETS, Protocol

__all__ = ["PRESETS", "ComparisonResult", "Protocol", "run_comparison"]
