"""Removal of specks and filling of holes below a stated size, block by block."""

from keramos.segmenters.component_filter.in_memory import drop_small
from keramos.segmenters.component_filter.removal import Removal, removals_for
from keramos.segmenters.component_filter.stages import Removed, discard, remove_small

__all__ = ["Removal", "Removed", "discard", "drop_small", "removals_for", "remove_small"]
