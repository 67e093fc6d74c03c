"""A worker that compares two segmentations: `python -m keramos.apps.studio.workers.differences`.

It reads one message {"first", "second"} with paths, and sends progress, and {"type": "result"} or {"type": "error"}.
"""

from __future__ import annotations

from keramos.annotation.differences import find_differences
from keramos.apps.studio.workers.lines import Channel, Message, MessageReporter, run_one_task
from keramos.core.errors import KeramosError
from keramos.io import open_labels


def main() -> None:
    """Compare what the first message names, and end."""
    run_one_task(compare)


def compare(task: Message, channel: Channel) -> None:
    """Compare two label stores, and send where they differ, or why they cannot be compared."""
    progress = MessageReporter(channel).progress("compare", "slice")
    try:
        differences = find_differences(open_labels(task["first"]), open_labels(task["second"]), progress=progress)
        channel.send({"type": "result", "result": differences.to_json()})
    except KeramosError as error:
        channel.send({"type": "error", "message": str(error)})
    except MemoryError:
        channel.send({"type": "error", "message": "there is too little memory for this; close other programs"})


if __name__ == "__main__":
    main()
