"""Learn from annotated slices: crops and augmentation, networks and thresholds, and the model file.

`__init__.pyi` lists the names with their homes; a home is imported when one of its names is first asked for, so that
only what runs networks waits for PyTorch, or needs it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
