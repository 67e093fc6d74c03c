"""Which slice and region to annotate next: where a network is unsure, far from what is annotated already."""

from keramos.annotation.run import Suggestion, Suggestions, prepare_network, suggest_next

__all__ = ["Suggestion", "Suggestions", "prepare_network", "suggest_next"]
