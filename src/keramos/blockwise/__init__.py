"""Run a function over the blocks of a volume: serial or in processes, resumable."""

from keramos.blockwise.allocator import keep_freed_memory
from keramos.blockwise.fold import fold_blocks
from keramos.blockwise.kept_fold import KeptFold
from keramos.blockwise.ledger import Ledger, begun, open_ledger, pinned
from keramos.blockwise.runner import Task, run_plan

__all__ = [
    "KeptFold", "Ledger", "Task", "begun", "fold_blocks", "keep_freed_memory", "open_ledger", "pinned", "run_plan",
]  # fmt: skip
