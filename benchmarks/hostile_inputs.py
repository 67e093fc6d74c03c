"""Spoilt files through every reader, and every command with every option at its extremes: nothing but results and
sentences may come out, in little memory and little time.

python benchmarks/hostile_inputs.py [--files 12000] [--seed 1] [--only files|options] [--commands NAME [NAME ...]]
                                    [--log LINES]

Each input is tried in a child process, which lives until it dies of one, hangs, or has tried a few hundred; the parent
counts. Linux only: a child's peak of memory is read from /proc. With `--log` every outcome is appended to a file, and
what stands in it already is counted and not tried again: a campaign that was stopped goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ALLOWED = 256 * 2**20
"""Memory that opening one of the small files may take, declared for all readers; twice as much counts as an excess."""
ADDRESS_SPACE = 12 * 2**30
SECONDS = {"files": 20.0, "options": 40.0}
PER_CHILD = {"files": 400, "options": 60}
INTERNALS = re.compile(
    r"Plan\(|Box\(|object at 0x|<class|<function|Traceback|takes \d+ positional|unexpected keyword|NoneType|ndarray|"
    r"must be real number|not subscriptable|has no attribute|expected at most \d+ argument|b'\\x|found too little \(\)|"
    r"object is not|index out of range|unhashable|<lambda>|cannot reshape|mappingproxy|PosixPath|Errno"
)

Outcome = tuple[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("files", "options"))
    parser.add_argument("--commands", nargs="+", default=None)
    parser.add_argument("--minutes", type=float, default=240, help="Stop then, and write what was counted.")
    parser.add_argument("--show", type=int, default=4, help="Examples shown of each bad outcome.")
    parser.add_argument("--log", type=Path, help="A file of outcomes, one a line, to go on from.")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as work:
        if options.only != "options":
            from hostile_seeds import build_seeds

            kinds = sorted(build_seeds(Path(work) / "seeds"))
            jobs = [(kind, number) for number in range(-(-options.files // len(kinds))) for kind in kinds]
            jobs = [("", -1, kind) for kind in kinds] + [("spoil", number, kind) for kind, number in jobs]
            results["files"] = campaign("files", jobs, Path(work), options)
        if options.only != "files":
            from hostile_options import all_trials

            results["options"] = campaign("options", all_trials(options.commands), Path(work), options)
    if options.commands is None:
        write_part(results, options.seed)


def write_part(results: dict[str, Any], seed: int) -> None:
    """Write the counts; those of the part that was not tried now stay as they were."""
    from measured import RESULTS, write_results

    file = RESULTS / "hostile_inputs.json"
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    kept = {part: before[part] for part in ("files", "options") if part in before}
    write_results("hostile_inputs", {"memory_declared_mib": ALLOWED // 2**20, "seed": seed, **kept, **results})


def campaign(what: str, jobs: list[Any], work: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Counts of outcomes over all jobs, by kind, and examples of bad ones."""
    counts: dict[str, Counter[str]] = {}
    examples: dict[str, list[str]] = {}
    began, done = time.monotonic(), 0
    if what == "options":  # a campaign that is stopped early has tried a part of each command
        random.Random(options.seed).shuffle(jobs)
    earlier = read_log(what, options.log)
    before = [(job, earlier[str(job)]) for job in jobs if str(job) in earlier]
    left = [job for job in jobs if str(job) not in earlier]
    outcomes = log_each(what, run_all(what, left, work, options.seed), options.log)
    for done, (job, (outcome, text)) in enumerate(chain(before, outcomes), 1):
        kind = str(job[2] if what == "files" else job[0])
        counts.setdefault(kind, Counter())[outcome] += 1
        if outcome not in ("opened", "refused", "done"):
            examples.setdefault(outcome, []).append(f"{job}: {text}")
            if len(examples[outcome]) <= 200:
                print(outcome, job, text, flush=True)
        if time.monotonic() - began > 60 * options.minutes:
            break
        if done % 1000 == 0:
            print(f"{done} of {len(jobs)} in {time.monotonic() - began:.0f} s", flush=True)
    total: Counter[str] = sum(counts.values(), Counter())
    print(what, dict(total), f"{time.monotonic() - began:.0f} s", flush=True)
    return {
        "tried": done,
        "planned": len(jobs),
        "seconds": round(time.monotonic() - began),
        "outcomes": dict(total),
        "by_kind": {kind: dict(counter) for kind, counter in sorted(counts.items())},
        "examples": {name: rows[: options.show] for name, rows in examples.items()},
    }


def read_log(what: str, log: Path | None) -> dict[str, Outcome]:
    """Outcomes of an earlier part of the campaign, by job."""
    if log is None or not log.is_file():
        return {}
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {job: (outcome, text) for part, job, outcome, text in rows if part == what}


def log_each(what: str, outcomes: Iterator[tuple[Any, Outcome]], log: Path | None) -> Iterator[tuple[Any, Outcome]]:
    """The same outcomes, each appended to the log."""
    for job, outcome in outcomes:
        if log is not None:
            with log.open("a", encoding="utf-8") as file:
                file.write(json.dumps([what, str(job), *outcome]) + "\n")
        yield job, outcome


def run_all(what: str, jobs: list[Any], work: Path, seed: int) -> Iterator[tuple[Any, Outcome]]:
    """Each job with its outcome; a child that dies or hangs has its job counted, and another goes on."""
    left = list(jobs)
    while left:
        chunk = left[: PER_CHILD[what]]
        ours, theirs = get_context("spawn").Pipe()
        child = get_context("spawn").Process(target=live, args=(what, chunk, work, seed, theirs), daemon=True)
        child.start()
        theirs.close()
        finished = 0
        wait = 120.0  # the first answer comes after the imports
        while finished < len(chunk):
            if not ours.poll(wait):
                yield chunk[finished], ("hang", f"no answer after {wait:.0f} s")
                finished += 1
                break
            wait = SECONDS[what]
            try:
                answer = ours.recv()
            except EOFError:
                child.join(10)
                yield chunk[finished], ("crash", f"exit code {child.exitcode}")
                finished += 1
                break
            if answer is not None:
                yield chunk[finished], answer
                finished += 1
        child.kill()
        child.join()
        left = left[finished:]


def live(what: str, jobs: list[Any], work: Path, seed: int, answers: Connection) -> None:
    """Try the jobs one after the other, in a child process."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["COLUMNS"] = "200"
    import torch

    torch.set_num_threads(1)
    attempt: Callable[[Any, Path], str]
    if what == "files":
        import hostile_readers  # noqa: F401 (its imports are not part of any file's memory)

        attempt = lambda job, folder: try_file(job, folder, work / "seeds", seed)  # noqa: E731
    else:
        from hostile_options import try_options

        attempt = try_options
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers.send(None)
    for job in jobs:
        with tempfile.TemporaryDirectory(dir=work) as folder:
            answers.send(judge(attempt, job, Path(folder), check_memory=what == "files"))
    answers.close()
    os._exit(0)


def judge(attempt: Callable[[Any, Path], str], job: Any, folder: Path, *, check_memory: bool) -> Outcome:
    """The outcome of one trial: `opened` or `done`, `refused`, or what is wrong."""
    from keramos.core.errors import KeramosError

    before, said = start_peak(), io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            outcome = (attempt(job, folder), "")
    except KeramosError as error:
        outcome = ("refused", str(error))
    except MemoryError:
        outcome = ("traceback", "MemoryError")
    except BaseException as error:
        at = traceback.extract_tb(error.__traceback__)
        ours = [row for row in at if "keramos" in row.filename and "benchmarks" not in row.filename] or at
        outcome = (
            "traceback",
            f"{type(error).__name__}: {str(error)[:150]} at {Path(ours[-1].filename).name}:{ours[-1].lineno}",
        )
    taken = peak() - before
    if check_memory and taken > 2 * ALLOWED:
        return ("over memory", f"{taken / 2**20:.0f} MiB ({outcome[0]}: {outcome[1][:200]})")
    if outcome[0] == "refused" and (INTERNALS.search(outcome[1]) or "\n" in outcome[1] or len(outcome[1]) > 900):
        return ("badly worded", outcome[1][:400])
    if outcome[0] == "refused" and re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", outcome[1]):
        return ("control characters", repr(outcome[1][:300]))
    return outcome


def start_peak() -> int:
    """Memory in use; the peak is counted from here."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(match[1]) * 1024 if match else 0


def try_file(job: tuple[str, int, str], folder: Path, seeds: Path, seed: int) -> str:
    """Open a spoilt copy of a seed (or the seed itself, number -1), and read what it gives."""
    from hostile_readers import open_and_read
    from hostile_seeds import spoil

    _, number, kind = job
    (source,) = (seeds / kind.replace(" ", "-")).iterdir()
    if number < 0:
        target = folder / source.name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    else:
        target = spoil(source, folder, random.Random(f"{seed} {kind} {number}"))
    open_and_read(kind.split()[0], target)
    return "opened"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
