"""Suggestions of the next slice and region to annotate: uncertain, and unlike what is already annotated."""

from keramos.annotation.run import Suggestion, Suggestions, prepare_network, suggest_next

__all__ = ["Suggestion", "Suggestions", "prepare_network", "suggest_next"]
