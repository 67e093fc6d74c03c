"""Learning beside the person who draws, without any window: proposals, trainings, models and what they are worth.

`__init__.pyi` lists the names with their homes; a home is imported when one of its names is first asked for, so that a
server can ask for a path without loading what trains.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
