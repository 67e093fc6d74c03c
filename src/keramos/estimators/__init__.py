"""The same labels by every estimator in use: what each program would print, beside what can be trusted.

An estimator is a value of class `Estimator` in a module of `keramos.estimators.members`; other packages add theirs by
entry points of the group `keramos.estimators`.
"""

from keramos.estimators.estimator import GROUPS, Estimator, Sample
from keramos.estimators.reconciliation import Reconciliation, Row, reconcile_phase
from keramos.estimators.registry import ESTIMATORS
from keramos.measurements.printed import Printed

__all__ = ["ESTIMATORS", "GROUPS", "Estimator", "Printed", "Reconciliation", "Row", "Sample", "reconcile_phase"]
