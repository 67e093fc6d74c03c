"""The worker that learns beside the person who draws: `python -m keramos.apps.studio.workers.assistant PROJECT`.

It is one process for as long as the studio is open, so that networks and grey values stay in memory. Requests have an
"id" and get an {"type": "answer"} or {"type": "refused"} with it. What is asked for the slice in view comes first,
also while something else is learnt or proposed. With nothing to do it proposes the rest of the stack, if that is on.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keramos.apps.explanations import explain_error
from keramos.apps.studio.workers.lines import Channel, Message, MessageReporter, lower_priority
from keramos.core.errors import KeramosError
from keramos.io import open_accepted, open_labels
from keramos.project.assist import SECONDS, Assistant, DifferenceStore
from keramos.project.workspace import Workspace, make_phases

_AT_ONCE = ("propose", "view", "status")
"""Requests that are answered in the middle of other work."""
_WHOLE_STACK = "propose the whole stack"


class AssistantWorker:
    """Serves requests one after the other, in the main thread; `receive` may be called by any."""

    def __init__(self, channel: Channel, project: Workspace) -> None:
        self._channel, self._project = channel, project
        self._requests: deque[tuple[int, Message]] = deque()
        self._news = threading.Condition()
        self._received, self._stopped, self._serving = 0, 0, 0
        self._whole_stack, self._view = False, 0
        self._assistant: Assistant | None = None
        self._compared: tuple[int, int, DifferenceStore] | None = None
        self._answers: dict[str, Callable[[Message], Any]] = {
            "open": self._open,
            "propose": self._propose,
            "view": self._look,
            "propose_all": self._propose_all,
            "learn": self._learn,
            "use": self._use,
            "suggest": self._suggest,
            "compare": self._compare,
            "status": lambda _: self._status(),
        }

    def receive(self, message: Message) -> None:
        """Take a request. Stop is heard at once: it ends what was asked for before it, begun or not, a training or the
        proposing of the whole stack, of which nothing is told any more."""
        with self._news:
            self._received += 1
            if message.get("type") == "stop":
                self._stopped = self._received
                if self._whole_stack:
                    self._channel.send({"type": "whole-stack", "state": "cancelled"})
                self._whole_stack = False
            else:
                self._requests.append((self._received, message))
            self._news.notify()

    def run(self) -> None:
        """Serve until the process ends."""
        while True:
            self.serve_next()

    def serve_next(self) -> None:
        """Serve the next request, or propose some of the rest of the stack; waits until there is one of them."""
        request = self._next_request()
        if request is not None:
            self._answer(request)
        else:
            self._propose_some()

    def _next_request(self) -> Message | None:
        """The next request, or None where the whole stack is to be proposed meanwhile."""
        with self._news:
            while not self._requests and not self._whole_stack:
                self._news.wait()
            if not self._requests:
                return None
            self._serving, request = self._requests.popleft()
            return request

    def _answer(self, request: Message) -> None:
        number = request.get("id")
        try:
            result = self._answers[str(request.get("type"))](request)
        except KeramosError as error:
            self._channel.send({"type": "refused", "id": number, "message": explain_error(error)})
        except (KeyError, TypeError, ValueError) as error:
            why = f"expected a request that the assistant knows, found another ({error})"
            self._channel.send({"type": "refused", "id": number, "message": why})
        else:
            self._channel.send({"type": "answer", "id": number, "result": result})

    def _serve_view(self) -> bool:
        """Answer what is asked for the slice in view; gives whether the present work is to end."""
        while True:
            with self._news:
                at_once = next((each for each in self._requests if each[1].get("type") in _AT_ONCE), None)
                if at_once is None:
                    return self._is_stopped
                self._requests.remove(at_once)
            self._answer(at_once[1])

    @property
    def _is_stopped(self) -> bool:
        """Whether a stop came after the request that is being served."""
        return self._stopped > self._serving

    def _has_other_work(self) -> bool:
        return self._serve_view() or bool(self._requests)

    @property
    def _beside(self) -> Assistant:
        if self._assistant is None:
            raise ValueError("no stack is open yet")
        return self._assistant

    def _open(self, request: Message) -> Any:
        """Open the stack with these phases, anew if other phases are drawn now."""
        phases = make_phases(request["phases"], request["positive"])
        if self._assistant is None or self._assistant.phases != phases:
            volume = self._project.open_images() if self._assistant is None else self._assistant.volume
            self._assistant = Assistant(volume, phases, self._project.models, self._project.proposal)
            self._assistant.warm_up()
            self._compared = None
        return self._status()

    def _look(self, request: Message) -> None:
        self._view = int(request["z"])

    def _propose(self, request: Message) -> bool:
        self._look(request)
        return self._make_proposal(self._view)

    def _make_proposal(self, z: int, *, again: bool = False) -> bool:
        made = self._beside.propose(z, again=again)
        if made:
            self._tell_proposed([z])
        return made

    def _propose_all(self, request: Message) -> None:
        self._look(request)
        self._make_proposal(self._view)
        with self._news:
            self._whole_stack = not self._is_stopped

    def _propose_some(self) -> None:
        """Propose the rest of the stack until something else is asked for."""
        report = MessageReporter(self._channel).progress(_WHOLE_STACK, "slice")
        model, depth = self._beside.records.current, self._beside.volume.shape[0]
        try:
            for z in self._nearest_missing():
                if self._has_other_work():
                    return
                if self._beside.propose(z):
                    self._tell_proposed([z])
                with self._news:
                    if self._whole_stack:
                        report(self._beside.proposals.count(model), depth)
            self._end_whole_stack("done")
        except KeramosError as error:
            self._end_whole_stack("failed", explain_error(error))

    def _end_whole_stack(self, state: str, why: str = "") -> None:
        with self._news:
            if self._whole_stack:
                self._channel.send({"type": "whole-stack", "state": state, "message": why})
            self._whole_stack = False

    def _nearest_missing(self) -> Any:
        """The slices that are missing, always the one nearest to the slice that is in view by then."""
        while True:
            z = next(self._beside.proposals.missing(self._beside.records.current, self._view), None)
            if z is None:
                return
            yield z

    def _learn(self, request: Message) -> Any:
        self._look({"z": request.get("z", self._view)})
        labels, accepted = open_labels(self._project.labels), open_accepted(self._project.labels)
        record = self._beside.learn(
            labels,
            accepted=accepted,
            slices=request.get("slices"),
            seconds=float(request.get("seconds", SECONDS)),
            edit=request.get("edit"),
            stop=self._serve_view,
            reporter=MessageReporter(self._channel),
        )
        if record is None:
            return None
        self._make_proposal(self._view)
        self._channel.send({"type": "learnt", "model": record.number, "status": self._status()})
        record = self._beside.score(record, labels, accepted=accepted, stop=self._has_other_work)
        self._make_proposal(self._view, again=True)
        with self._news:  # a stop that comes now is heard after it
            self._whole_stack = not self._is_stopped
        self._channel.send({"type": "status", "status": self._status()})
        return record.to_json()

    def _use(self, request: Message) -> Any:
        self._beside.use(int(request["model"]))
        self._make_proposal(self._view)
        return self._status()

    def _suggest(self, request: Message) -> Any:
        annotated = [int(z) for z in request.get("annotated", [])]
        edge, count = int(request.get("edge", 256)), int(request.get("count", 5))
        return self._beside.suggest(annotated, count=count, edge=edge).to_json()

    def _compare(self, request: Message) -> Any:
        first, second = int(request["first"]), int(request["second"])
        if self._compared is None or self._compared[:2] != (first, second):
            store = DifferenceStore(self._project.model_difference, self._beside.volume, self._beside.phases)
            self._compared = (first, second, store)
        keep, slices = self._compared[2].keep, request.get("slices")
        return self._beside.compare(first, second, slices=slices, stop=self._serve_view, keep=keep).to_json()

    def _status(self) -> dict[str, Any]:
        return {**self._beside.status(), "whole_stack": self._whole_stack}

    def _tell_proposed(self, slices: list[int]) -> None:
        self._channel.send({"type": "proposed", "slices": slices, "model": self._beside.records.current})


def main() -> None:
    """Serve the project that the command line names until the server goes."""
    lower_priority()
    workers: list[AssistantWorker] = []
    channel = Channel(lambda message: workers[0].receive(message))
    workers.append(AssistantWorker(channel, Workspace(Path(sys.argv[1]))))
    channel.listen()
    workers[0].run()


if __name__ == "__main__":
    main()
