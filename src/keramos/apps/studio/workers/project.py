"""A worker that serves another project beside the present one: `python -m keramos.apps.studio.workers.project`.

It reads {"stack", "project"} with paths, and sends {"type": "address"} once the project answers, or {"type": "error"}.
It ends when the studio that started it does, as by Ctrl-C.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from keramos.apps.studio.serving import serve
from keramos.apps.studio.workers.lines import Channel
from keramos.core.errors import KeramosError
from keramos.project.workspace import open_project
from keramos.settings.studio import StudioSettings


def main() -> None:
    """Serve the project that the first line names."""
    task = json.loads(sys.stdin.readline())
    channel = Channel(lambda _: None)
    threading.Thread(target=_follow_server, daemon=True).start()
    try:
        workspace, images = open_project(StudioSettings(stack=task["stack"], project=Path(task["project"])))
        serve(
            workspace, images, browser=False, announce=lambda text: channel.send({"type": "address", "address": text})
        )
    except KeramosError as error:
        channel.send({"type": "error", "message": str(error)})


def _follow_server() -> None:
    """Wait until the studio that started this one has gone, and end then."""
    sys.stdin.read()
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
