"""Networks: tensors in, tensors out; their signatures, cards and checkpoints."""

from keramos.models.build import NETWORKS, PAPER_NETWORKS, build_network
from keramos.models.card import ModelCard, Normalisation, Training, phase_rows
from keramos.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from keramos.models.compact import Compact, fold_batchnorm
from keramos.models.signature import Signature

__all__ = [
    "NETWORKS", "PAPER_NETWORKS", "Checkpoint", "Compact", "ModelCard", "Normalisation", "Signature", "Training",
    "build_network", "fold_batchnorm", "load_checkpoint", "phase_rows", "save_checkpoint",
]  # fmt: skip
