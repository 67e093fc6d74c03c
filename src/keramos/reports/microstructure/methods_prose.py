"""How everything was measured, as one paragraph for a paper, from what the quantities say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keramos.core import Triple, VoxelSize
from keramos.measurements.measured import Measurements
from keramos.reports.microstructure.figures import spelled
from keramos.reports.microstructure.meanings import rank
from keramos.reports.plain_words import SPACE
from keramos.version import __version__

_NUMBER = re.compile(r"(?<![\w:])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w:]*:)")
_WHOLE = "whole volume"

# A word of a name or a method, and the source to cite for it.
_SOURCES: tuple[tuple[str, str], ...] = (
    ("Crofton", "J. Ohser and F. Mücklich, Statistical Analysis of Microstructures in Materials Science, Wiley, 2000"),
    (
        "Euler number",
        "J. Ohser and F. Mücklich, Statistical Analysis of Microstructures in Materials Science, Wiley, 2000",
    ),
    ("intercept", "E. E. Underwood, Quantitative Stereology, Addison-Wesley, 1970"),
    ("three phases meet", "E. E. Underwood, Quantitative Stereology, Addison-Wesley, 1970"),
    ("integral range", "C. Lantuéjoul, J. Microsc. 161, 387 (1991)"),
    ("integral range", "T. Kanit et al., Int. J. Solids Struct. 40, 3647 (2003)"),
    ("interval", "C. Lantuéjoul, J. Microsc. 161, 387 (1991)"),
    ("correlation", "S. Torquato, Random Heterogeneous Materials, Springer, 2002"),
    ("Hildebrand", "T. Hildebrand and P. Rüegsegger, J. Microsc. 185, 67 (1997)"),
    ("tortuosity", "S. J. Cooper et al., SoftwareX 5, 203 (2016)"),
)


@dataclass(frozen=True, slots=True)
class MethodsProse:
    """The paragraph with numbers in brackets, and the numbered sources."""

    text: str
    sources: tuple[str, ...]


def methods_prose(found: Measurements | None, of: str, shape: Triple, voxel_size: VoxelSize | None) -> MethodsProse:
    """How the labels that `of` names, of that shape (Z Y X), were measured; empty where nothing was."""
    if found is None or not found.quantities:
        return MethodsProse("", ())
    sources: list[str] = []
    said: set[str] = set()
    sentences = [_opening(of, shape, voxel_size)]
    for domain, methods in _by_domain(found).items():
        named = [_named(name, wordings, said, sources) for name, wordings in methods.items()]
        measured = "; ".join(words for words in named if words)
        if measured:
            sentences.append(f"On {_domain(domain)} were measured: {measured}.")
    if any(row.quantity.interval is not None for row in found.quantities):
        words = (
            f"95{SPACE}% intervals come from the spread between windows of the volume, neighbours' covariances counted"
        )
        sentences.append(f"{words}{_cite('interval', sources)}; errors of the segmentation are not in them.")
    return MethodsProse(" ".join(sentences), tuple(sources))


def _named(name: str, wordings: Sequence[str], said: set[str], sources: list[str]) -> str:
    """A quantity with how it was measured and what to cite; how is left out where it was said before."""
    clauses = [clause for clause in _merged(wordings).split("; ") if clause and clause not in said]
    said.update(clauses)
    how = f" ({spelled(', '.join(clauses))})" if clauses else ""
    return f"{name}{how}{_cite(f'{name} {wordings}', sources)}"


def _opening(of: str, shape: Triple, voxel_size: VoxelSize | None) -> str:
    z, y, x = shape
    size = "" if voxel_size is None else f" of {' × '.join(f'{nm:g}' for nm in voxel_size.zyx)} nm"
    what = f" ({of})" if of else ""
    return (
        f"The segmented volume{what} of {z} × {y} × {x} voxels{size} (z y x) was measured with Keramos {__version__}, "
        "all lengths in the voxels' true proportions."
    )


def _by_domain(found: Measurements) -> dict[str, dict[str, list[str]]]:
    """The methods' words by domain and quantity, in the order of the tables, those of the whole volume first.

    Curves come last; those are left out whose method some quantity has already told.
    """
    grouped: dict[str, dict[str, list[str]]] = {_WHOLE: {}}
    for row in sorted(found.quantities, key=lambda row: rank(row.name)):
        grouped.setdefault(row.quantity.domain, {}).setdefault(row.name, []).append(row.quantity.method)
    told = {row.quantity.method for row in found.quantities}
    for curve in found.curves:
        if curve.method not in told:
            grouped[_WHOLE].setdefault(curve.name, []).append(curve.method)
    return grouped


def _merged(methods: Sequence[str]) -> str:
    """Wordings that differ only in numbers or in the axis as one: the largest number, all axes."""
    templates: dict[str, list[list[str]]] = {}
    for text in dict.fromkeys(methods):
        axis_free = re.sub(r"\balong [zyx]\b", "along each axis", text)
        axis_free = re.sub(r"\bends of [zyx]\b", "ends of each axis", axis_free)
        templates.setdefault(_NUMBER.sub("\0", axis_free), []).append(_NUMBER.findall(axis_free))
    return "; ".join(_filled(template, numbers) for template, numbers in templates.items())


def _filled(template: str, numbers: Sequence[Sequence[str]]) -> str:
    for column in zip(*numbers, strict=True):
        same = len(set(column)) == 1
        shown = column[0] if same else f"at most {max(column, key=float)}"
        template = template.replace("\0", shown, 1)
    return template.replace("within at most", "within")


def _domain(domain: str) -> str:
    if domain.startswith("box "):
        return f"the {domain} (z, y, x voxels)"
    return f"the {domain}" if domain == _WHOLE else domain


def _cite(text: str, sources: list[str]) -> str:
    """Numbers in brackets of what the text rests on; new sources are added."""
    wanted = list(dict.fromkeys(source for word, source in _SOURCES if word.lower() in text.lower()))
    sources.extend(source for source in wanted if source not in sources)
    return f" [{_numbers(sources.index(source) + 1 for source in wanted)}]" if wanted else ""


def _numbers(found: Iterable[int]) -> str:
    return ", ".join(str(n) for n in sorted(found))
