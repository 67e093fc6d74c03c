"""Networks: tensors in, tensors out; their signatures, cards and checkpoints."""

from keramos.networks.architecture import ARCHITECTURES, Architecture, Network, Size, TrainingRecipe, build_network
from keramos.networks.architectures.compact import Compact
from keramos.networks.bundled import BUNDLED, Bundled, load_bundled
from keramos.networks.card import ChannelRow, ModelCard, Normalisation, Training, phase_rows
from keramos.networks.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from keramos.networks.cost import Cost, cost_of, mvoxel_per_s
from keramos.networks.fold import fold_batchnorm
from keramos.networks.grey_to_scores import GreyToScores
from keramos.networks.hardware import multiplies_bfloat16
from keramos.networks.layout import channels_last, last
from keramos.networks.onnx_file import ONNX_OPSET, model_facts, onnx_bytes
from keramos.networks.other_phases import give_phases
from keramos.networks.signature import GreyValues, Signature
from keramos.networks.torchscript_file import torchscript_bytes

__all__ = [
    "ARCHITECTURES",
    "BUNDLED",
    "ONNX_OPSET",
    "Architecture",
    "Bundled",
    "ChannelRow",
    "Checkpoint",
    "Compact",
    "Cost",
    "GreyToScores",
    "GreyValues",
    "ModelCard",
    "Network",
    "Normalisation",
    "Signature",
    "Size",
    "Training",
    "TrainingRecipe",
    "build_network",
    "channels_last",
    "cost_of",
    "fold_batchnorm",
    "give_phases",
    "last",
    "load_bundled",
    "load_checkpoint",
    "model_facts",
    "multiplies_bfloat16",
    "mvoxel_per_s",
    "onnx_bytes",
    "phase_rows",
    "save_checkpoint",
    "torchscript_bytes",
]
