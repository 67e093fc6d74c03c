"""Packages that only some jobs need: they come with an extra, not with every installation."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from keramos.core.errors import MissingPackageError


def import_optional(module: str, *, extra: str, purpose: str) -> Any:
    """The module called `module`, which `pip install "keramos[extra]"` brings.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        raise MissingPackageError(
            f"expected the package {module} to {purpose}, found it not installed; "
            f'install it with pip install "keramos[{extra}]"'
        ) from None
