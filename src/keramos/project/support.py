"""Facts for a question or a report of a mistake: the machine, Python and the versions of all packages that Keramos
names."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from keramos.core.byte_size import machine_memory, size_in_words
from keramos.learning import pick_device

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TESTS_ONLY = re.compile(r"extra\s*==\s*['\"](test|docs)['\"]")


def describe_machine() -> dict[str, Any]:
    """The machine, Python and all packages, as JSON values.

    Example:
        >>> facts = describe_machine()
        >>> sorted(facts), facts["packages"]["keramos"] is not None
        (['cores', 'device', 'memory', 'packages', 'platform', 'processor', 'python'], True)
    """
    memory = machine_memory()
    return {
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": None if memory is None else size_in_words(memory),
        "device": pick_device("auto"),
        "packages": {name: _version_of(name) for name in _package_names()},
    }


def _package_names() -> list[str]:
    """Keramos, what it needs, and what its extras bring, without those for its own tests and pages."""
    needed = [line for line in requires("keramos") or () if not _TESTS_ONLY.search(line)]
    names = [match[0] for line in needed if (match := _NAME.match(line)) is not None]
    return list(dict.fromkeys(["keramos", *names]))


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
