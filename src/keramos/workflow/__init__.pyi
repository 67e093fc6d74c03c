from keramos.errors import KeramosError
from keramos.evaluate import Evaluation
from keramos.progress import Reporter
from keramos.quantify import Measurements, QuantifySettings
from keramos.segment import SegmentSettings
from keramos.store import describe, open_labels, open_scores, open_uncertainty, open_volume
from keramos.train import Fitted
from keramos.volume import Box, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.workflow.authors import fetch_authors, import_authors
from keramos.workflow.comparison import Compared, CompareSettings
from keramos.workflow.demo import DemoResult, DemoSettings, run_demo
from keramos.workflow.diagnosis import Finding, evaluation_findings, segmentation_findings, tell, training_findings
from keramos.workflow.exporting import ExportSettings
from keramos.workflow.inputs import Reading
from keramos.workflow.listing import models
from keramos.workflow.outputs import refuse_other
from keramos.workflow.recipe import Recipe, StepDone, read_recipe, run_recipe
from keramos.workflow.reporting import Reported
from keramos.workflow.scoring import phase_fractions
from keramos.workflow.suggestion import Suggestion, Suggestions, SuggestSettings
from keramos.workflow.verbs.compare import compare
from keramos.workflow.verbs.diagnose import diagnose
from keramos.workflow.verbs.evaluate import evaluate
from keramos.workflow.verbs.export import export
from keramos.workflow.verbs.info import info
from keramos.workflow.verbs.phantom import phantom
from keramos.workflow.verbs.quantify import quantify
from keramos.workflow.verbs.report import report
from keramos.workflow.verbs.segment import segment
from keramos.workflow.verbs.suggest import suggest
from keramos.workflow.verbs.train import train

__all__ = [
    "Box", "CompareSettings", "Compared", "DemoResult", "DemoSettings", "Evaluation", "ExportSettings", "Finding",
    "Fitted", "KeramosError", "LabelVolume", "Measurements", "PhaseTable", "QuantifySettings", "Reading", "Recipe",
    "Reported", "Reporter", "SegmentSettings", "StepDone", "SuggestSettings", "Suggestion", "Suggestions", "Volume",
    "VoxelSize", "compare", "describe", "diagnose", "evaluate", "evaluation_findings", "export", "fetch_authors",
    "import_authors", "info", "models", "open_labels", "open_scores", "open_uncertainty", "open_volume", "phantom",
    "phase_fractions", "quantify", "read_recipe", "refuse_other", "report", "run_demo", "run_recipe", "segment",
    "segmentation_findings", "suggest", "tell", "train", "training_findings",
]  # fmt: skip
