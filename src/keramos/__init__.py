"""Keramos: from a FIB-SEM stack and one annotated slice to a 3-D segmentation and a quantified microstructure.

The public API is `keramos.workflow`; its names can also be had from here. Nothing heavy is imported until it is used.
"""

from importlib import import_module
from typing import Any

from keramos.version import __version__

_WORKFLOW = ("open_labels", "open_volume", "run_demo")

__all__ = ["__version__", *_WORKFLOW]


def __getattr__(name: str) -> Any:
    if name in _WORKFLOW:
        return getattr(import_module("keramos.workflow"), name)
    raise AttributeError(f"module 'keramos' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
