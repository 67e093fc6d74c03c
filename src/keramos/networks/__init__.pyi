from .architecture import ARCHITECTURES, Architecture, Network, Size, TrainingRecipe, build_network
from .architectures.compact import Compact
from .bundled import BUNDLED, Bundled, load_bundled
from .card import ChannelRow, ModelCard, Normalisation, Training, WeightsRow, phase_rows
from .checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from .cost import Cost, cost_of, mvoxel_per_s
from .fold import fold_batchnorm
from .grey_to_scores import GreyToScores
from .hardware import multiplies_bfloat16
from .layout import channels_last, last
from .onnx_file import ONNX_OPSET, model_facts, onnx_bytes
from .onnx_model import OnnxModel, onnx_runtime_version, read_onnx_model, run_session
from .other_phases import give_phases
from .signature import GreyValues, Signature
from .torchscript_file import torchscript_bytes

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
    "OnnxModel",
    "Signature",
    "Size",
    "Training",
    "TrainingRecipe",
    "WeightsRow",
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
    "onnx_runtime_version",
    "phase_rows",
    "read_onnx_model",
    "run_session",
    "save_checkpoint",
    "torchscript_bytes",
]
