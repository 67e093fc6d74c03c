"""The content of the page on a preparation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keramos.core import Finding, Volume
from keramos.preparation import Preparation


@dataclass(frozen=True, eq=False)
class PreparationContent:
    """Everything that the page shows.

    Attributes:
        title: of the page.
        raw: the raw slices as they were read.
        prepared: the volume that they became.
        preparation: what was done to them.
        facts: the same as JSON values.
        stated: what the files say of the microscope: name, value and source.
        findings: about the raw slices.
        methods_text: a paragraph on the methods.
    """

    title: str
    raw: Volume
    prepared: Volume
    preparation: Preparation
    facts: Mapping[str, Any]
    stated: tuple[tuple[str, str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    methods_text: str = ""
