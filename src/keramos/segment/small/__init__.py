"""Removal of specks and filling of holes below a stated size, block by block."""

from keramos.segment.small.removal import Removal, removals_for
from keramos.segment.small.stages import Removed, discard, remove_small

__all__ = ["Removal", "Removed", "discard", "removals_for", "remove_small"]
