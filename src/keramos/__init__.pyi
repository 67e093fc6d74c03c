from .annotation import Suggestion, Suggestions
from .blocks import to_dask
from .core import Box, Finding, LabelVolume, PhaseTable, Volume, VoxelSize
from .core.errors import KeramosError
from .core.progress import Reporter
from .io import describe, open_labels, open_scores, open_uncertainty, open_volume
from .learning import TrainResult
from .measurements import Measurements
from .project.comparison import ComparisonResult
from .project.demo import DemoResult, demo
from .project.frames import to_pandas
from .project.labelled_arrays import to_xarray
from .project.recipe import Recipe, StepDone, read_recipe, run
from .project.reporting import ReportResult
from .project.scores import phase_fractions
from .project.verbs.authors import fetch, import_authors
from .project.verbs.check import CheckResult, check
from .project.verbs.compare import compare
from .project.verbs.evaluate import evaluate
from .project.verbs.export import export
from .project.verbs.info import info
from .project.verbs.models import models
from .project.verbs.phantom import phantom
from .project.verbs.prepare import prepare
from .project.verbs.quantify import quantify
from .project.verbs.reconcile import ReconcileResult, reconcile
from .project.verbs.replay import ReplayResult, replay
from .project.verbs.report import report
from .project.verbs.segment import segment
from .project.verbs.start import StartResult, start
from .project.verbs.studio import studio
from .project.verbs.suggest import suggest
from .project.verbs.train import train
from .scoring import Evaluation
from .version import __version__ as __version__

__all__ = [
    "Box",
    "CheckResult",
    "ComparisonResult",
    "DemoResult",
    "Evaluation",
    "Finding",
    "KeramosError",
    "LabelVolume",
    "Measurements",
    "PhaseTable",
    "Recipe",
    "ReconcileResult",
    "ReplayResult",
    "ReportResult",
    "Reporter",
    "StartResult",
    "StepDone",
    "Suggestion",
    "Suggestions",
    "TrainResult",
    "Volume",
    "VoxelSize",
    "__version__",
    "check",
    "compare",
    "demo",
    "describe",
    "evaluate",
    "export",
    "fetch",
    "import_authors",
    "info",
    "models",
    "open_labels",
    "open_scores",
    "open_uncertainty",
    "open_volume",
    "phantom",
    "phase_fractions",
    "prepare",
    "quantify",
    "read_recipe",
    "reconcile",
    "replay",
    "report",
    "run",
    "segment",
    "start",
    "studio",
    "suggest",
    "to_dask",
    "to_pandas",
    "to_xarray",
    "train",
]
