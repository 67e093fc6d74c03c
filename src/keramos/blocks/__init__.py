"""Cut a volume into blocks and run a function over them: serial or in processes, resumable."""

from keramos.blocks.allocator import keep_freed_memory
from keramos.blocks.checkpoint import (
    Checkpoint,
    computing_versions,
    find_differences,
    has_finished_blocks,
    open_checkpoint,
    plan_identity,
    read_checkpoint,
    read_setting,
)
from keramos.blocks.cores import count_cores, limit_cores
from keramos.blocks.fold import add_in_order, fold_blocks, measure_in_order
from keramos.blocks.fold_checkpoint import FoldCheckpoint
from keramos.blocks.lazy_array import to_dask
from keramos.blocks.lock import lock_output
from keramos.blocks.plan import Block, Plan, align_box, plan_blocks
from keramos.blocks.runner import Task, run_plan

__all__ = [
    "Block",
    "Checkpoint",
    "FoldCheckpoint",
    "Plan",
    "Task",
    "add_in_order",
    "align_box",
    "computing_versions",
    "count_cores",
    "find_differences",
    "fold_blocks",
    "has_finished_blocks",
    "keep_freed_memory",
    "limit_cores",
    "lock_output",
    "measure_in_order",
    "open_checkpoint",
    "plan_blocks",
    "plan_identity",
    "read_checkpoint",
    "read_setting",
    "run_plan",
    "to_dask",
]
