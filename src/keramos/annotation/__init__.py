"""Annotation: labels drawn by hand, and suggestions of what to annotate next.

`__init__.pyi` lists the names with their homes; a home is imported when one of its names is first asked for, so that
drawing does not wait for what suggestions need.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
