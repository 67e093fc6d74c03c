"""Import of packages that only an optional extra installs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from keramos.core.errors import MissingPackageError


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
