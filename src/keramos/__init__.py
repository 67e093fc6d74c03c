"""Keramos: from a FIB-SEM stack and one annotated slice to a 3-D segmentation and a quantified microstructure.

Every verb and value can be had from here: `keramos.train(...)`, `keramos.VoxelSize`. `__init__.pyi` lists them with
their homes; a home is imported when one of its names is first asked for, so no verb waits for another's libraries.
"""

import lazy_loader

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """Give what a name stands for; MissingPackageError where its home needs PyTorch and that is not installed."""
    try:
        return _load(name)
    except ModuleNotFoundError:
        from keramos.core.optional import explain_missing_pytorch

        with explain_missing_pytorch():
            raise
