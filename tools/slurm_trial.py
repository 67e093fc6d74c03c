"""Run a segmentation on a SLURM cluster of one node, cancel it, submit it again, and compare with one left alone.

    apt-get install slurm-wlm munge && python tools/slurm_trial.py [--json FILE]

It starts its own munged, slurmctld and slurmd in a folder of its own (as root: slurmd starts jobs for users) and ends
them again. The job is `examples/slurm/segment.sh`, as it stands.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = """ClusterName=trial
SlurmctldHost={host}
SlurmctldPort=26817
SlurmdPort=26818
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=2
NodeName={host} CPUs={cores} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES State=UP
"""


@contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which `sbatch` reaches a cluster of this machine alone."""
    host = socket.gethostname().split(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    configuration = folder / "slurm.conf"
    configuration.write_text(CONFIGURATION.format(host=host, folder=folder, cores=os.cpu_count()), encoding="utf-8")
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n", encoding="utf-8")
    munge = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--{name}-file={folder}/munge.{name}" for name in ("pid", "log", "seed")]
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    commands = [munge, ["slurmctld", "-D", "-f", str(configuration)], ["slurmd", "-D", "-f", str(configuration)]]
    running = []
    try:
        for command in commands:
            with (folder / f"{command[0]}.out").open("wb") as out:
                running.append(subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT))
            time.sleep(2)
        wait_for(lambda: "idle" in ask(environment, "sinfo", "-h", "-o", "%t"), "an idle node")
        yield environment
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(20)


def ask(environment: dict[str, str], *command: str) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.strip()


def wait_for(ready: object, what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not ready():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError(f"expected {what} within {seconds:g} s")
        time.sleep(0.2)


def submit(environment: dict[str, str], folder: Path, out: str) -> str:
    line = ["sbatch", "--parsable", "--mem=0", "--cpus-per-task=1", str(ROOT / "examples/slurm/segment.sh")]
    line += ["phantom/images.ome.zarr", "sauvola", out, "--memory", "620MiB"]
    return subprocess.run(line, env=environment, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def state(environment: dict[str, str], job: str) -> str:
    return ask(environment, "squeue", "-h", "-t", "all", "-j", job, "-o", "%T")


def finished_blocks(store: Path) -> int:
    ledgers = [path for path in store.glob("*.jsonl") if path.is_file()]
    return sum(path.read_bytes().count(b'"block"') for path in ledgers)


def digest(store: Path) -> str:
    """Of all files of a store, the ledger apart."""
    total = hashlib.sha256()
    for path in sorted(path for path in store.rglob("*") if path.is_file() and path.suffix != ".jsonl"):
        total.update(path.relative_to(store).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    target = parser.parse_args().json
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the daemons are ended, too
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        phantom = ["phantom", "--out", "phantom", "--shape", "16", "512", "512", "--severity", "0", "--seed", "1"]
        subprocess.run([sys.executable, "-m", "keramos", *phantom], cwd=folder, check=True)
        with cluster(folder) as environment:
            killed, whole = folder / "killed.ome.zarr", folder / "whole.ome.zarr"
            first = submit(environment, folder, killed.name)
            wait_for(lambda: finished_blocks(killed) >= 1, "a finished block")
            ask(environment, "scancel", first)  # SIGTERM, and SIGKILL after KillWait
            wait_for(
                lambda: state(environment, first) not in ("RUNNING", "COMPLETING", "PENDING"), "the end of the job"
            )
            ended, done = state(environment, first), finished_blocks(killed)
            second, third = submit(environment, folder, killed.name), submit(environment, folder, whole.name)
            wait_for(lambda: "COMPLETED" in state(environment, third), "the job that is not killed")
            wait_for(lambda: "COMPLETED" in state(environment, second), "the job that resumes")
            log = (folder / f"keramos-{second}.log").read_text("utf-8")
            row = {
                "cancelled_job_ended": ended,
                "blocks_done_when_cancelled": done,
                "blocks": finished_blocks(whole),
                "resumed": "resuming" in log,
                "same_bytes": digest(killed) == digest(whole),
                "slurm": ask(environment, "sinfo", "--version"),
            }
    print(json.dumps(row, indent=1))
    if target is not None:
        target.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")
    return not (row["resumed"] and row["same_bytes"])


if __name__ == "__main__":
    sys.exit(main())
