from .run import Suggestion, Suggestions, prepare_network, suggest_next

__all__ = ["Suggestion", "Suggestions", "prepare_network", "suggest_next"]
