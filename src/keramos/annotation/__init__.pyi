from .run import Suggestion, Suggestions, prepare_network, suggest_next
from .survey import SliceViewer
from .window import Window, best_window

__all__ = [
    "SliceViewer",
    "Suggestion",
    "Suggestions",
    "Window",
    "best_window",
    "prepare_network",
    "suggest_next",
]
