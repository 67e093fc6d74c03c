from .annotation import Suggestion, Suggestions, SuggestSettings
from .core import Box, LabelVolume, PhaseTable, Volume, VoxelSize
from .core.errors import KeramosError
from .core.progress import Reporter
from .inspection import Finding, evaluation_findings, segmentation_findings, tell, training_findings
from .io import describe, open_labels, open_scores, open_uncertainty, open_volume
from .learning import Fitted
from .measurements import Measurements, QuantifySettings
from .project.authors import fetch_authors, import_authors
from .project.comparison import Compared, CompareSettings
from .project.demo import DemoResult, DemoSettings, run_demo
from .project.inputs import Reading
from .project.listing import models
from .project.outputs import refuse_other
from .project.recipe import Recipe, StepDone, read_recipe, run_recipe
from .project.reporting import Reported
from .project.scoring import phase_fractions
from .project.verbs.compare import compare
from .project.verbs.diagnose import diagnose
from .project.verbs.evaluate import evaluate
from .project.verbs.export import export
from .project.verbs.info import info
from .project.verbs.phantom import phantom
from .project.verbs.quantify import quantify
from .project.verbs.report import report
from .project.verbs.segment import segment
from .project.verbs.suggest import suggest
from .project.verbs.train import train
from .scoring import Evaluation
from .segmenters import SegmentSettings
from .version import __version__ as __version__

__all__ = [
    "Box",
    "CompareSettings",
    "Compared",
    "DemoResult",
    "DemoSettings",
    "Evaluation",
    "Finding",
    "Fitted",
    "KeramosError",
    "LabelVolume",
    "Measurements",
    "PhaseTable",
    "QuantifySettings",
    "Reading",
    "Recipe",
    "Reported",
    "Reporter",
    "SegmentSettings",
    "StepDone",
    "SuggestSettings",
    "Suggestion",
    "Suggestions",
    "Volume",
    "VoxelSize",
    "__version__",
    "compare",
    "describe",
    "diagnose",
    "evaluate",
    "evaluation_findings",
    "export",
    "fetch_authors",
    "import_authors",
    "info",
    "models",
    "open_labels",
    "open_scores",
    "open_uncertainty",
    "open_volume",
    "phantom",
    "phase_fractions",
    "quantify",
    "read_recipe",
    "refuse_other",
    "report",
    "run_demo",
    "run_recipe",
    "segment",
    "segmentation_findings",
    "suggest",
    "tell",
    "train",
    "training_findings",
]
