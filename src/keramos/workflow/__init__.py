"""The public API: the verbs as functions, and the demo that runs them all.

A name comes from where `__init__.pyi` imports it, when first asked for: no verb waits for the libraries of another.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOMES = {alias.name: node.module for node in _STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'keramos.workflow' has no attribute '{name}'")
    found = globals()[name] = getattr(import_module(str(_HOMES[name])), name)
    return found


def __dir__() -> list[str]:
    return __all__
