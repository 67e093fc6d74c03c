"""Import of packages that may be missing: those of optional extras, and PyTorch where it was left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from keramos.core.errors import MissingPackageError

_PYTORCH = ("torch", "lightning_fabric")


def import_optional(module: str, *, extra: str, purpose: str) -> Any:
    """The module called `module`, which `pip install "keramos[extra]"` installs.

    Raises:
        MissingPackageError: it is not installed; the message says what for (`purpose`) and how to install it.

    Example:
        >>> import_optional("json", extra="test", purpose="read JSON").loads("[1]")
        [1]
    """
    try:
        return import_module(module)
    except ImportError:
        raise MissingPackageError(
            f"expected the package {module} to {purpose}, found it not installed; "
            f'install it with pip install "keramos[{extra}]"'
        ) from None


@contextmanager
def explain_missing_pytorch() -> Iterator[None]:
    """MissingPackageError where PyTorch, or what trains with it, is imported inside and is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PYTORCH:
            raise
        raise MissingPackageError(
            "expected PyTorch, found it not installed: pip install torch lightning-fabric; without it there are "
            "thresholds and networks in ONNX files, and everything after segmentation"
        ) from None
