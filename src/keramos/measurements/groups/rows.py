"""The quantities that are compared between groups: chosen before anybody looks at their differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose, isfinite

from keramos.core import Quantity
from keramos.core.errors import FormatError, SettingsError
from keramos.core.near_names import did_you_mean
from keramos.measurements.registry import quantity_specs
from keramos.measurements.results import AXES, Measured, Measurements

Key = tuple[str, str, str]
"""Id, phase and axis of a quantity."""
_SAME = 1e-9


@dataclass(frozen=True)
class GroupedSample:
    """A sample with its group, and where it stands in a series, such as its hours of ageing (None: no series)."""

    name: str
    group: str
    measurements: Measurements
    x: float | None = None

    def rows(self) -> dict[Key, Measured]:
        """The quantities that have a value."""
        return {
            (row.id, row.phase, row.axis): row for row in self.measurements.quantities if isfinite(row.quantity.value)
        }


@dataclass(frozen=True)
class ChosenRow:
    """One quantity with its value in each sample that has one."""

    about: Measured
    values: Mapping[str, Quantity]


def choose_rows(samples: Sequence[GroupedSample], wanted: Sequence[str] = ()) -> tuple[list[ChosenRow], list[Key]]:
    """The quantities to compare, in the order of phases and specifications, and those left out because another one
    says the same: one phase's fraction is one less the other's, and both have one surface.

    `wanted` names them as `id`, `id:phase` or `id:phase:axis`; without, they are those whose specification wants them
    shown between samples.

    Raises:
        SettingsError: a wanted quantity that no sample has.
        FormatError: samples that give one quantity in different units.
    """
    tables = {sample.name: sample.rows() for sample in samples}
    keys = list(dict.fromkeys(key for table in tables.values() for key in table))
    phases, ids = list(dict.fromkeys(key[1] for key in keys)), list(quantity_specs())
    _check_wanted(wanted, keys)
    chosen = [key for key in keys if (_is_wanted(key, wanted) if wanted else _is_shown(key[0]))]
    chosen.sort(key=lambda key: (_place(key[0], ids), phases.index(key[1]), AXES.index(key[2]) if key[2] else -1))
    rows = {key: _collect(key, tables) for key in chosen}
    mirrored = [] if wanted else [key for key in chosen if _has_mirror(key, rows)]
    return [row for key, row in rows.items() if key not in mirrored], mirrored


def _collect(key: Key, tables: Mapping[str, Mapping[Key, Measured]]) -> ChosenRow:
    found = {name: table[key] for name, table in tables.items() if key in table}
    units = {row.quantity.unit: name for name, row in found.items()}
    if len(units) > 1:
        text = " and ".join(f"{unit} in {name}" for unit, name in units.items())
        raise FormatError(
            f"expected {key[0]} in one unit in all samples, found {text}; measure them with one version of Keramos"
        )
    about = next(iter(found.values()))
    return ChosenRow(about, {name: row.quantity for name, row in found.items()})


def _is_shown(id: str) -> bool:
    spec = quantity_specs().get(id)
    return spec is not None and spec.comparison != "folded"


def _is_wanted(key: Key, wanted: Sequence[str]) -> bool:
    return any(all(part in ("", own) for part, own in zip(text.split(":"), key, strict=False)) for text in wanted)


def _check_wanted(wanted: Sequence[str], keys: Sequence[Key]) -> None:
    for text in wanted:
        if not any(_is_wanted(key, [text]) for key in keys):
            known = list(dict.fromkeys(":".join(key[: text.count(":") + 1]).rstrip(":") for key in keys))
            raise SettingsError(
                f"expected a quantity of the samples, such as {known[0] if known else 'phase-fraction'}, found "
                f"'{text}'{did_you_mean(text, known)}"
            )


def _place(id: str, ids: Sequence[str]) -> int:
    return ids.index(id) if id in ids else len(ids)


def _has_mirror(key: Key, rows: Mapping[Key, ChosenRow]) -> bool:
    """Whether a later phase's quantity of the same kind is the same in every sample, or one less it."""
    order = list(rows)
    later = [other for other in order[order.index(key) + 1 :] if (other[0], other[2]) == (key[0], key[2])]
    return any(_mirrors(rows[key].values, rows[other].values) for other in later)


def _mirrors(one: Mapping[str, Quantity], other: Mapping[str, Quantity]) -> bool:
    if one.keys() != other.keys():
        return False
    pairs = [(one[name].value, other[name].value) for name in one]
    same = all(isclose(a, b, rel_tol=_SAME) for a, b in pairs)
    return same or all(isclose(a + b, 1, rel_tol=_SAME) for a, b in pairs)
