"""A worker for the heavy work of proofreading: `python -m keramos.apps.studio.workers.proofread`.

It reads one message {"task": "find" | "measure" | "save", "segmentation", "folder", "other", "drawn", "kinds",
"box"} with paths, and sends progress, and {"type": "result"} or {"type": "error"}.
"""

from __future__ import annotations

from pathlib import Path

from keramos.apps.studio.workers.lines import Channel, Message, MessageReporter, run_one_task
from keramos.core import Box, triple
from keramos.core.errors import KeramosError
from keramos.core.object_path import as_path
from keramos.core.progress import Reporter
from keramos.project.proofreading import Proofreading


def main() -> None:
    """Do the task that the first message names, and end."""
    run_one_task(answer_task)


def answer_task(task: Message, channel: Channel) -> None:
    """Do a task, and send that it is done, or why not."""
    try:
        channel.send({"type": "result", "result": do_task(task, MessageReporter(channel))})
    except KeramosError as error:
        channel.send({"type": "error", "message": str(error)})
    except MemoryError:
        channel.send({"type": "error", "message": "there is too little memory for this; close other programs"})


def do_task(task: Message, reporter: Reporter) -> Message:
    """Do a task; what it made is in the files of the folder."""
    paths = {name: None if task.get(name) is None else as_path(task[name]) for name in ("other", "drawn")}
    proofreading = Proofreading(as_path(task["segmentation"]), Path(task["folder"]), **paths)
    if task["task"] == "find":
        box = None if task.get("box") is None else Box(*map(triple, task["box"]))
        return {"places": len(proofreading.find_places(kinds=task.get("kinds", ()), reporter=reporter, box=box))}
    if task["task"] == "measure":
        return {"changes": len(proofreading.remeasure(reporter).changes)}
    return proofreading.save(reporter)


if __name__ == "__main__":
    main()
