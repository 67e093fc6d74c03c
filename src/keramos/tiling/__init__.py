"""Geometry of blocks: pure integers, no pixels."""

from keramos.tiling.plan import Block, Plan, aligned, plan_blocks

__all__ = ["Block", "Plan", "aligned", "plan_blocks"]
