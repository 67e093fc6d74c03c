"""A worker that copies the stack of a project, with coarser levels, into its cache:
`python -m keramos.apps.studio.workers.copy_stack FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from keramos.apps.studio.workers.lines import Channel, Message, MessageReporter, interrupt, lower_priority
from keramos.core.errors import KeramosError
from keramos.project.workspace import Workspace, make_copy


def main() -> None:
    """Make the copy and end."""
    lower_priority()
    channel = Channel(_interrupt)
    channel.listen()
    workspace = Workspace(Path(sys.argv[1]))
    try:
        make_copy(workspace, workspace.open_images(), MessageReporter(channel))
        channel.send({"type": "result", "result": {}})
    except KeramosError as error:
        channel.send({"type": "error", "message": str(error)})
    except KeyboardInterrupt:
        channel.send({"type": "cancelled"})


def _interrupt(_: Message) -> None:
    interrupt()


if __name__ == "__main__":
    main()
