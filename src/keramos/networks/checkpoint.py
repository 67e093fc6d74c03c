"""Checkpoints: one safetensors file, weights as tensors and the card as JSON in the header. Nothing is unpickled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open

from keramos.core.errors import FormatError, MissingFileError
from keramos.core.files import write_bytes
from keramos.networks.card import ModelCard

if TYPE_CHECKING:
    from torch import Tensor

    from keramos.networks.architecture import Network

# PyTorch is loaded where weights are: who reads a card, or runs an ONNX file, waits for none of it.

_HEADER_KEY = "keramos"


@dataclass(frozen=True)
class Checkpoint:
    """A card and its weights (none for a thresholding method). `sha256` is the file's."""

    card: ModelCard
    weights: dict[str, Tensor]
    sha256: str

    def network(self) -> Network:
        """The network with its weights, in evaluation mode.

        Raises:
            FormatError: the weights do not fit the architecture that the card names.
        """
        from keramos.networks.architecture import build_network

        network = build_network(self.card.architecture, self.card.architecture_settings)
        try:
            network.load_state_dict(self.weights)
        except RuntimeError as error:
            raise FormatError(
                f"expected weights of the architecture {self.card.architecture} {self.card.architecture_settings}, "
                f"found others ({str(error).splitlines()[-1].strip()}); the file was made by another version or edited"
            ) from None
        return network.eval()


def save_checkpoint(path: Path, card: ModelCard, weights: dict[str, Tensor]) -> None:
    """Write a checkpoint; whatever happens, `path` holds either the old file or the whole new one."""
    from safetensors.torch import save

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    # Not save_file, whose files only their owner can read.
    write_bytes(path, save(tensors, metadata={_HEADER_KEY: card.model_dump_json()}))


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        MissingFileError: there is no such file.
        FormatError: it is not a Keramos checkpoint, or is truncated, or its card is of another version, or the file
            does not fit together.
    """
    import torch  # noqa: F401 (where it is missing, that is not a damaged file)

    from keramos.networks.card_check import refuse_absurd_model

    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"expected a model file, found nothing at {path}; train one with `keramos train`")
    try:
        with safe_open(str(path), framework="pt", device="cpu") as file:
            header = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except Exception as error:  # damaged headers make the library raise what it likes
        detail = f" ({' '.join(str(error).split())[:120]})" if isinstance(error, SafetensorError | OSError) else ""
        raise FormatError(
            f"expected a Keramos model (a safetensors file), found something else or a truncated one in {path}"
            f"{detail}; give a file that `keramos train` wrote"
        ) from None
    loaded = _update(Checkpoint(_card(path, header), weights, hashlib.sha256(path.read_bytes()).hexdigest()))
    refuse_absurd_model(path, loaded.card, loaded.weights)
    return loaded


def _update(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with the names that its architecture uses today."""
    from keramos.networks.architecture import ARCHITECTURES

    architecture = ARCHITECTURES.get(checkpoint.card.architecture)
    if architecture is None or not architecture.renamed:
        return checkpoint
    settings = architecture.update_settings(checkpoint.card.architecture_settings)
    card = checkpoint.card.model_copy(update={"architecture_settings": settings})
    return replace(checkpoint, card=card, weights=architecture.update_weights(checkpoint.weights))


def _card(path: Path, header: dict[str, str]) -> ModelCard:
    if _HEADER_KEY not in header:
        raise FormatError(
            f"expected a Keramos model card in the header of {path}, found a safetensors file without one; "
            "give a file that `keramos train` wrote"
        )
    try:
        return ModelCard.model_validate_json(header[_HEADER_KEY])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FormatError(
            f"expected a model card that this version of Keramos knows, found in {path}: {where}: {first['msg']}"
        ) from None
