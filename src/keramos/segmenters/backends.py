"""Backends that run a network: PyTorch or OpenVINO, in float32 or bfloat16."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from keramos.core.errors import SettingsError
from keramos.core.optional import import_optional

if TYPE_CHECKING:
    from torch import Tensor, nn

    from keramos.networks import Network

BACKENDS = ("torch", "torch-bf16", "openvino", "openvino-bf16")
EXACT = "torch"
"""float32 by PyTorch: what the others are measured against."""

Run = Callable[["Tensor"], "Tensor"]
"""Normalised grey values (N, inputs, Y, X) to logits (N, classes, Y, X), float32."""


def available(device: str) -> list[str]:
    """The backends that this machine and installation have for `device`, the exact one first."""
    from keramos.networks.hardware import multiplies_bfloat16

    precisions = ["", "-bf16"] if multiplies_bfloat16(device) else [""]
    engines = ["torch", "openvino"] if device == "cpu" and find_spec("openvino") else ["torch"]
    return [engine + precision for precision in precisions for engine in engines]


def check_backend(backend: str, device: str) -> str:
    """The name of the backend, if it can run here.

    Raises:
        SettingsError: no such backend, or not for this device.
        MissingPackageError: OpenVINO is not installed.
    """
    if backend not in BACKENDS:
        raise SettingsError(f"expected --backend auto, {', '.join(BACKENDS)}, found '{backend}'")
    if backend.startswith("openvino"):
        if device != "cpu":
            raise SettingsError(f"expected --backend torch or torch-bf16 on the device {device}, found {backend}")
        _import_openvino()
    return backend


def build_backend(network: Network, backend: str, device: str) -> Run:
    """The network, folded and ready to run; raises what `check_backend` does."""
    import torch

    from keramos.networks import channels_last, fold_batchnorm, last

    check_backend(backend, device)
    folded = channels_last(fold_batchnorm(network).to(device))
    if backend.startswith("openvino"):
        return _openvino(folded, network.inputs, "bf16" if backend.endswith("bf16") else "f32")
    if backend == EXACT:
        return lambda grey: folded(last(grey))
    halved = folded.to(torch.bfloat16)
    return lambda grey: halved(last(grey.to(torch.bfloat16))).float()


def _import_openvino() -> Any:
    """OpenVINO, without the package by which it would report its use over the internet."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return import_optional("openvino", extra="openvino", purpose="run a network with --backend openvino")


def _openvino(network: nn.Module, inputs: int, precision: str) -> Run:
    import torch

    openvino = _import_openvino()
    grey = torch.zeros(1, inputs, 64, 64)
    model = openvino.convert_model(network, example_input=grey)
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        # Every process would pin its first thread to the same core.
        "ENABLE_CPU_PINNING": False,
    }
    compiled = openvino.Core().compile_model(model, "CPU", options)

    local = threading.local()  # several threads of a worker may share the network: each keeps a request

    def run(planes: Tensor) -> Tensor:
        if not hasattr(local, "request"):
            local.request = compiled.create_infer_request()
        outputs = local.request.infer([planes.contiguous().numpy()], share_inputs=True, share_outputs=False)
        return torch.from_numpy(outputs[0])  # a copy: the request's own memory is overwritten by the next call

    return run
