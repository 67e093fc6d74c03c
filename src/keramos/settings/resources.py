"""Limits on what a run uses of the machine, which several verbs share. They change no result by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keramos.core.errors import OptionError
from keramos.core.options import Settings, option
from keramos.settings.conversions import to_bytes

Device = Literal["auto", "cpu", "cuda", "mps"]


@dataclass(frozen=True, kw_only=True)
class DeviceOptions(Settings):
    """The device that networks run on."""

    device: Device = option("auto", help="Where networks run.", group="Resources", affects_result=False)


@dataclass(frozen=True, kw_only=True)
class MemoryOptions(Settings):
    """The memory that a run may take."""

    memory: int = option(
        "2GiB",
        help="Memory to stay within, all processes together.",
        unit="bytes",
        group="Resources",
        affects_result=False,
        convert=to_bytes,
        given=str,
        metavar="SIZE",
    )


@dataclass(frozen=True, kw_only=True)
class WorkerOptions(Settings):
    """The processes that blocks are shared out over."""

    workers: int = option(
        1, help="Worker processes.", group="Resources", affects_result=False, low=1, high=1024, metavar="N"
    )
    scheduler: str | None = option(
        None,
        help="Address of a Dask cluster to run on, such as tcp://host:8786.",
        group="Resources",
        affects_result=False,
        metavar="ADDRESS",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scheduler is not None and self.workers > 1:
            raise OptionError("workers", "expected only without a Dask cluster (--scheduler), whose workers work")
