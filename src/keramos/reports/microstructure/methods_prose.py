"""A paragraph for a paper on how everything was measured, from the methods and sources of the quantities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from keramos.core import Triple, VoxelSize
from keramos.measurements import Measurements, curve_specs, quantity_specs
from keramos.measurements.sources import LANTUEJOUL
from keramos.measurements.spec import WHOLE_VOLUME
from keramos.reports.microstructure.figures import spell_out
from keramos.reports.microstructure.quantity_table import place_of
from keramos.reports.plain_words import SPACE
from keramos.version import __version__

_NUMBER = re.compile(r"(?<![\w:])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w:]*:)")


@dataclass(frozen=True, slots=True)
class MethodsProse:
    """The paragraph with numbers in brackets, and the numbered sources."""

    text: str
    sources: tuple[str, ...]


def methods_prose(results: Measurements | None, of: str, shape: Triple, voxel_size: VoxelSize | None) -> MethodsProse:
    """The paragraph on labels that `of` names, of that shape (Z Y X); empty where nothing was measured."""
    if results is None or not results.quantities:
        return MethodsProse("", ())
    sources: list[str] = []
    told: set[str] = set()
    sentences = [_opening(of, shape, voxel_size)]
    for domain, methods in _by_domain(results).items():
        clauses = [_describe(id, name, wordings, told, sources) for (id, name), wordings in methods.items()]
        measured = "; ".join(words for words in clauses if words)
        if measured:
            sentences.append(f"On {_domain(domain)} were measured: {measured}.")
    if any(row.quantity.interval is not None for row in results.quantities):
        words = (
            f"95{SPACE}% intervals come from the spread between windows of the volume, neighbours' covariances counted"
        )
        sentences.append(f"{words}{_cite((LANTUEJOUL,), sources)}; errors of the segmentation are not in them.")
    return MethodsProse(" ".join(sentences), tuple(sources))


def _describe(id: str, name: str, wordings: Sequence[str], told: set[str], sources: list[str]) -> str:
    """A quantity with its method and what to cite; the method is left out where it was told before."""
    clauses = [clause for clause in _merge_wordings(wordings).split("; ") if clause and clause not in told]
    told.update(clauses)
    how = f" ({spell_out(', '.join(clauses))})" if clauses else ""
    spec = quantity_specs().get(id) or curve_specs().get(id)
    return f"{name}{how}{_cite(() if spec is None else spec.sources, sources)}"


def _opening(of: str, shape: Triple, voxel_size: VoxelSize | None) -> str:
    z, y, x = shape
    size = "" if voxel_size is None else f" of {' × '.join(f'{nm:g}' for nm in voxel_size.zyx)} nm"
    what = f" ({of})" if of else ""
    return (
        f"The segmented volume{what} of {z} × {y} × {x} voxels{size} (z y x) was measured with Keramos {__version__}, "
        "all lengths in the voxels' true proportions."
    )


def _by_domain(results: Measurements) -> dict[str, dict[tuple[str, str], list[str]]]:
    """The methods by domain and quantity (id, name), in the order of the tables, those of the whole volume first.

    Curves come last; those are left out whose method some quantity has already told.
    """
    grouped: dict[str, dict[tuple[str, str], list[str]]] = {WHOLE_VOLUME: {}}
    ids = list(quantity_specs())
    for row in sorted(results.quantities, key=lambda row: place_of(row.id, ids)):
        methods = grouped.setdefault(row.quantity.domain, {})
        methods.setdefault((row.id, row.name), []).append(row.quantity.method)
    told = {row.quantity.method for row in results.quantities}
    for curve in results.curves:
        if curve.method not in told:
            grouped[WHOLE_VOLUME].setdefault((curve.id, curve.name), []).append(curve.method)
    return grouped


def _merge_wordings(methods: Sequence[str]) -> str:
    """Wordings that differ only in numbers or in the axis as one: the largest number, all axes."""
    templates: dict[str, list[list[str]]] = {}
    for text in dict.fromkeys(methods):
        axis_free = re.sub(r"\balong [zyx]\b", "along each axis", text)
        axis_free = re.sub(r"\bends of [zyx]\b", "ends of each axis", axis_free)
        templates.setdefault(_NUMBER.sub("\0", axis_free), []).append(_NUMBER.findall(axis_free))
    return "; ".join(_fill(template, numbers) for template, numbers in templates.items())


def _fill(template: str, numbers: Sequence[Sequence[str]]) -> str:
    for column in zip(*numbers, strict=True):
        same = len(set(column)) == 1
        shown = column[0] if same else f"at most {max(column, key=float)}"
        template = template.replace("\0", shown, 1)
    return template.replace("within at most", "within")


def _domain(domain: str) -> str:
    return f"the {domain} (z, y, x voxels)" if "box " in domain else f"the {domain}"


def _cite(rests_on: Sequence[str], sources: list[str]) -> str:
    """The numbers of sources in brackets; new ones are added to the list."""
    wanted = list(dict.fromkeys(rests_on))
    sources.extend(source for source in wanted if source not in sources)
    numbers = ", ".join(str(n) for n in sorted(sources.index(source) + 1 for source in wanted))
    return f" [{numbers}]" if wanted else ""
