"""Which slice and region to annotate next: where a network is unsure, far from what is annotated already."""

from keramos.workflow.suggestion.picture import draw_suggestions
from keramos.workflow.suggestion.run import Suggestion, Suggestions, SuggestSettings, ready_network, suggest_next

__all__ = ["SuggestSettings", "Suggestion", "Suggestions", "draw_suggestions", "ready_network", "suggest_next"]
