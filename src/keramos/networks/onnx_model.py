"""An ONNX file that Keramos wrote, run by ONNX Runtime: PyTorch is neither loaded nor needed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from keramos.core import Triple, triple
from keramos.core.errors import FormatError, MissingFileError
from keramos.core.optional import import_optional
from keramos.networks.card import ModelCard

ONNX_CARD_KEY = "keramos"
"""The metadata entry with the whole card and the network's geometry; the others are for readers of the bare network."""


@dataclass(frozen=True)
class OnnxModel:
    """Facts of an ONNX file; `stride` and `halo` in voxels Z Y X, `sha256` that of the file.

    The `card` is that of the model which was exported. The normalisation inside the network is `mean` and `std` of
    each channel, which a card that takes its grey level from each stack does not tell.
    """

    path: Path
    card: ModelCard
    stride: Triple
    halo: Triple
    bytes_per_pixel: int
    means: tuple[float, ...]
    stds: tuple[float, ...]
    sha256: str

    def open_session(self, threads: int | None = None) -> Any:
        """A session of ONNX Runtime on the processor, by so many threads."""
        return _open_session(self.path, threads)


def run_session(session: Any, grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores (N, classes, Y, X) of raw grey values (N, inputs, Y, X), Y and X multiples of the stride."""
    (scores,) = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(grey)})
    return np.asarray(scores, np.float32)


def onnx_runtime_version() -> str:
    """The version of ONNX Runtime."""
    return str(_import_runtime().__version__)


def read_onnx_model(path: str | Path) -> OnnxModel:
    """Read the facts of an ONNX file.

    Raises:
        MissingFileError: there is no such file.
        FormatError: it is no ONNX file, or not one that `keramos export` wrote.
        MissingPackageError: ONNX Runtime is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"expected an ONNX file, found nothing at {path}")
    metadata = dict(_open_session(path, 1).get_modelmeta().custom_metadata_map)
    try:
        facts = json.loads(metadata[ONNX_CARD_KEY])
        card = ModelCard.model_validate(facts["card"])
        return OnnxModel(
            path,
            card,
            triple(facts["stride"]),
            triple(facts["halo"]),
            int(facts["bytes_per_pixel"]),
            tuple(facts["means"]),
            tuple(facts["stds"]),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
    except (KeyError, TypeError, ValueError, ValidationError):
        raise FormatError(
            f"expected an ONNX file that this version of Keramos wrote, found another one in {path}; "
            "write it with `keramos export model.keramos --to onnx --out model.onnx`"
        ) from None


def _open_session(path: Path, threads: int | None) -> Any:
    runtime = _import_runtime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    # Threads that spin while they wait take the cores of other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library has a class of its own for each kind of damage
        raise FormatError(
            f"expected an ONNX file, found something else or a truncated one in {path} "
            f"({' '.join(str(error).split())[:120]})"
        ) from None


def _import_runtime() -> Any:
    return import_optional("onnxruntime", extra="onnx", purpose="run an ONNX file")
