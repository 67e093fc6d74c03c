"""Cut a volume into blocks and run a function over them: serial or in processes, resumable."""

from keramos.blocks.allocator import keep_freed_memory
from keramos.blocks.fold import fold_blocks
from keramos.blocks.kept_fold import KeptFold
from keramos.blocks.ledger import Ledger, begun, open_ledger, pinned
from keramos.blocks.plan import Block, Plan, aligned, plan_blocks
from keramos.blocks.runner import Task, run_plan

__all__ = [
    "Block",
    "KeptFold",
    "Ledger",
    "Plan",
    "Task",
    "aligned",
    "begun",
    "fold_blocks",
    "keep_freed_memory",
    "open_ledger",
    "pinned",
    "plan_blocks",
    "run_plan",
]
