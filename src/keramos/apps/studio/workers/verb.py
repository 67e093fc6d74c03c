"""A worker that runs one verb: `python -m keramos.apps.studio.workers.verb`.

It reads {"verb", "options", "replace"} and sends progress, notes, findings, and {"type": "result"} or
{"type": "error"}. A message {"type": "cancel"} is Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keramos.apps.explanations import explain_error
from keramos.apps.studio.workers.lines import Channel, Message, MessageReporter, run_one_task
from keramos.core.errors import KeramosError
from keramos.core.options import list_options, plain


def main() -> None:
    """Run the verb that the first message names, and end."""
    run_one_task(run_verb)


def run_verb(task: Message, channel: Channel) -> None:
    """Run a verb and send what comes of it."""
    import keramos  # late: the first message may be a cancel

    reporter = MessageReporter(channel)
    try:
        verb = getattr(keramos, task["verb"].replace("-", "_"))
        fields = {row.name: row.field for row in list_options(verb.settings)}
        settings = verb.make_settings(**{fields.get(name, name): value for name, value in task["options"].items()})
        result = verb.run(settings, reporter, replace=bool(task.get("replace")))
    except KeramosError as error:
        channel.send({"type": "error", "message": explain_error(error)})
        return
    except MemoryError:
        channel.send({"type": "error", "message": "there is too little memory for this; ask for something smaller"})
        return
    channel.send({"type": "result", "result": describe_result(task["verb"], settings, result)})


def describe_result(verb: str, settings: Any, result: Any) -> dict[str, Any]:
    """The numbers of a result as JSON values, as the command line writes them with `--json`."""
    numbers = getattr(result, "to_json", None)
    shown = numbers() if callable(numbers) else {}
    fractions = getattr(result, "phase_fractions", None)
    if isinstance(fractions, Mapping):
        shown = {"phase_fractions": plain(fractions)}
    outputs = {name: str(path) for name, path in settings.outputs().items()}
    return {"verb": verb, "outputs": outputs, "numbers": _finite(plain(shown))}


def _finite(value: Any) -> Any:
    """JSON values without numbers that JSON does not have."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
