"""What is left of labels when the studio is killed: every stroke that was called saved is there.

Each round opens the same project in a process, draws without a pause, in every other round while a network learns, and
kills the process at a random moment. Then the journal is opened and compared with what the page had been told.

    python benchmarks/studio_kills.py --work DIR [--rounds 20]
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from measured import write_results
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from keramos import phantom
from keramos.core import NOT_ANNOTATED
from keramos.io import open_volume
from keramos.project.workspace import Workspace, open_project_drawing

SHAPE = (24, 256, 256)
LEARN = {"z": 3, "seconds": 20}


class Page:
    """A page of a studio, and what it has been told of the labels."""

    def __init__(self, stack: Path, project: Path) -> None:
        command = [sys.executable, "-m", "keramos", "studio", str(stack), "--project", str(project), "--no-browser"]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.server.stdout.readline() if self.server.stdout else ""
        place = re.search(r":(\d+)/\?token=(\S+)", line)
        if place is None:
            sys.exit(f"the studio did not begin: {line}")
        self.host = f"127.0.0.1:{place[1]}"
        connection = http.client.HTTPConnection(self.host)
        connection.request("GET", f"/?token={place[2]}")
        self.cookie = str(connection.getresponse().getheader("set-cookie")).split(";")[0]

    def learn(self) -> str:
        """Begin to learn; what the server says."""
        connection = http.client.HTTPConnection(self.host, timeout=120)
        headers = {"Cookie": self.cookie, "Origin": f"http://{self.host}"}
        connection.request("POST", "/api/assist/learn", json.dumps(LEARN), headers)
        return str(json.loads(connection.getresponse().read()).get("error", "learning"))

    def draw(self, seconds: float, labels: NDArray[np.uint8], choose: random.Random) -> tuple[int, int]:
        """Strokes for so many seconds, then the kill; `labels` becomes what the page was told. The number of strokes
        that were called saved, and that of the last change."""
        origin: Any = f"http://{self.host}"
        headers, saved, last = {"Cookie": self.cookie}, 0, 0
        threading.Timer(seconds, self._kill).start()
        with connect(f"ws://{self.host}/socket", origin=origin, additional_headers=headers, max_size=None) as socket:
            try:
                while True:
                    stroke = make_stroke(choose)
                    self.in_hand = stroke["type"]
                    socket.send(json.dumps(stroke))
                    while (told := json.loads(socket.recv(timeout=30)))["type"] not in ("saved", "refused"):
                        pass
                    saved, last = saved + (told["type"] == "saved"), max(last, told.get("number", 0))
                    for patch in told.get("patches", ()):
                        codes = np.frombuffer(base64.b64decode(patch["codes"]), np.uint8)
                        rows, columns = patch["y"] + patch["height"], patch["x"] + patch["width"]
                        area = labels[patch["z"], patch["y"] : rows, patch["x"] : columns]
                        area[...] = codes.reshape(area.shape)
            except (ConnectionClosed, OSError):
                self.server.wait()
        return saved, last

    def _kill(self) -> None:
        self.children = psutil.Process(self.server.pid).children(recursive=True)
        self.server.kill()


def make_stroke(choose: random.Random) -> dict[str, Any]:
    """A stroke of the brush, or undo or redo."""
    number, kind = choose.randrange(2**50), choose.choice(("gesture",) * 6 + ("undo", "redo"))
    points = [[choose.uniform(0, 255), choose.uniform(0, 255), choose.random()] for _ in range(choose.randint(1, 12))]
    gesture = {"tool": "brush", "z": choose.randrange(8), "phase": choose.choice((0, 1, 254, 255)), "points": points}
    return {"type": kind, "id": number, **({"gesture": gesture} if kind == "gesture" else {})}


def compare(project: Path, labels: NDArray[np.uint8], last: int, kind: str) -> dict[str, Any]:
    """The labels of the journal against what the page was told before the kill; a stroke of this kind was in hand."""
    began = time.perf_counter()
    drawing = open_project_drawing(Workspace(project), SHAPE)
    seconds, in_hand = time.perf_counter() - began, drawing.number - last
    if in_hand:  # written, but the page had not heard of it yet
        drawing.redo() if kind == "undo" else drawing.undo()
    planes = np.stack([drawing.plane(z) for z in range(SHAPE[0])])
    lost = int((planes != labels).sum()) if in_hand in (0, 1) else -1
    labels[...] = np.stack([open_project_drawing(Workspace(project), SHAPE).plane(z) for z in range(SHAPE[0])])
    return {"in_hand": in_hand, "wrong_voxels": lost, "open_s": round(seconds, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    stack, project = options.work / "phantom" / "images.ome.zarr", options.work / "project"
    if not stack.exists():
        phantom(options.work / "phantom", shape=SHAPE, seed=1)
    shutil.rmtree(project, ignore_errors=True)
    labels = np.full(open_volume(stack).shape, NOT_ANNOTATED, np.uint8)
    choose, rounds = random.Random(0), []
    for number in range(options.rounds):
        page = Page(stack, project)
        learns = page.learn() if number % 2 else ""
        saved, last = page.draw(choose.uniform(0.2, 8.0), labels, choose)
        _, alive = psutil.wait_procs(page.children, timeout=15)
        row = {
            "learning": learns,
            "saved": saved,
            **compare(project, labels, last, page.in_hand),
            "left_running": len(alive),
        }
        rounds.append(row)
        print(number, row, flush=True)
    wrong = [row for row in rounds if row["wrong_voxels"] or row["left_running"]]
    write_results("studio_kills", {"rounds": rounds, "strokes": sum(row["saved"] for row in rounds), "wrong": wrong})


if __name__ == "__main__":
    main()
