"""Whether slice files are all of one series by their names, each slice once, and none missing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

from keramos.core import Finding
from keramos.io.slice_names import SliceName, columns_of, counting_field

_MOST_CHANNELS = 4
_MOST_NUMBERS = 1000
"""Of more missing numbers the first are listed: a date among the names may leave out millions."""


def check_names(files: Sequence[Path]) -> list[Finding]:
    """Findings about the names of slice files, in their order: several series, a name of another kind, numbers twice or
    left out, another order than that of the numbers."""
    series = series_of(files)
    if series is not None:
        return [_report_series(files, series)]
    names = [SliceName.of(path) for path in files]
    main, *others = _group(names, [name.skeleton for name in names])
    channel = _channel(names, main)
    findings = [] if channel is None else [_report_restart(files, channel)]
    odd = sorted(z for other in others for z in other)
    if odd and 2 * len(odd) < len(files):
        findings.append(_report_odd_names(files, names, main, odd))
    elif odd and len(others[0]) >= 3 and len(files) <= 1.1 * (len(main) + len(others[0])):
        findings.append(_report_two_kinds(files, sorted(main), others[0]))
    return findings + _check_numbers(files, names, main)


def series_of(files: Sequence[Path]) -> list[list[int]] | None:
    """The places of the files of each series, where several number the same slices, such as those of two detectors;
    None where there is one series."""
    names = [SliceName.of(path) for path in files]
    groups = _group(names, [name.skeleton for name in names])
    if any(_overlap(names, groups[0], other) for other in groups[1:]):
        return groups
    channel = _channel(names, groups[0])
    return channel if channel is not None and channel[0][-1] > channel[1][0] else None


def name_series(files: Sequence[Path], series: Sequence[Sequence[int]]) -> list[str]:
    """A name for each series: the word that its files have in their names and those of the others have not; empty where
    there is none.

    Example:
        >>> files = [Path(f"cut_{z:02}_{name}.tif") for z in (9, 10) for name in ("ESB", "SE2")]
        >>> name_series(files, [[0, 2], [1, 3]])
        ['ESB', 'SE2']
    """
    words = [[re.split(r"[^A-Za-z0-9]+", files[z].stem) for z in group] for group in series]
    common = [[word for word in rows[0] if word and all(word in row for row in rows)] for rows in words]
    others = [{word for one in (*common[:i], *common[i + 1 :]) for word in one} for i in range(len(common))]
    return ["-".join(word for word in own if word not in other) for own, other in zip(common, others, strict=True)]


def _group(names: Sequence[SliceName], keys: Sequence[Hashable]) -> list[list[int]]:
    """The places of names with equal keys, the largest group first."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for z in range(len(names)):
        groups[keys[z]].append(z)
    return sorted(groups.values(), key=len, reverse=True)


def _overlap(names: Sequence[SliceName], one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two groups of files number the same slices: half of the smaller one's numbers are the other's, too."""
    if len(other) < 2:
        return False
    numbers, others = set(_varying_numbers(names, one)), _varying_numbers(names, other)
    return 2 * sum(row in numbers for row in others) >= len(others) and others[0] != ()


def _varying_numbers(names: Sequence[SliceName], group: Sequence[int]) -> list[tuple[float, ...]]:
    """The numbers of each name of a group, without those that all have alike, such as the 2 of a detector SE2."""
    varying = [column for column in columns_of([names[z] for z in group]) if len(set(column)) > 1]
    return list(zip(*varying, strict=True)) or [()] * len(group)


def _channel(names: Sequence[SliceName], main: Sequence[int]) -> list[list[int]] | None:
    """Groups of files by a number that has the same few values for each slice, such as a detector's; None if there is
    no such number."""
    fields = len(names[main[0]].numbers)
    if fields < 2 or len(main) < 4:
        return None
    columns = columns_of([names[z] for z in main])
    for field in sorted(range(fields), key=lambda field: (len(set(columns[field])), -field)):
        values = columns[field]
        if not 2 <= len(set(values)) <= _MOST_CHANNELS:
            continue
        rest = [(*names[z].numbers[:field], *names[z].numbers[field + 1 :]) for z in main]
        slices = Counter(rest)
        if len(slices) > 1 and 2 * sum(count > 1 for count in slices.values()) >= len(slices):
            return [[z for z, own in zip(main, values, strict=True) if own == value] for value in sorted(set(values))]
    return None


def _report_series(files: Sequence[Path], groups: Sequence[Sequence[int]]) -> Finding:
    """A fatal finding: the files are those of several series, which number the same slices."""
    shown = [group for group in groups if len(group) > 1]
    listed = ", ".join(f"{len(group)} like {files[group[0]].name}" for group in shown[:4])
    patterns = [pattern_of([files[z] for z in group], files) for group in shown[:4]]
    known = [f"'{pattern}'" for pattern in patterns if pattern]
    advice = f"give a pattern for one of them, {' or '.join(known)}" if known else "move all but one to other folders"
    words = [word for word in name_series(files, shown[:4]) if word]
    if len(words) > 1:
        advice = f"read one of them ({' or '.join(f'--detector {word}' for word in words)}), or {advice}"
    return Finding(
        "mixed-series",
        f"the {len(files)} files in {files[0].parent} are of {len(shown)} series with the same numbers ({listed})",
        "images of one slice by several detectors, or of several places, would be taken as slices one behind the other",
        advice,
        severity="fatal",
    )


def _report_restart(files: Sequence[Path], groups: Sequence[Sequence[int]]) -> Finding:
    """A finding: a number changes more slowly than that of the slices, of a part of the stack or of a detector."""
    listed = ", ".join(f"{len(group)} from {files[group[0]].name}" for group in groups)
    patterns = [pattern_of([files[z] for z in group], files) for group in groups]
    hint = " or ".join(f"'{pattern}'" for pattern in patterns if pattern)
    return Finding(
        "mixed-series",
        f"the numbers of the {len(files)} files in {files[0].parent} start again ({listed})",
        "they are taken as parts of one stack, one behind the other",
        f"if they show the same slices, by several detectors, give a pattern for one{f', {hint}' if hint else ''}",
        slices=tuple(group[0] for group in groups[1:]),
    )


def _report_two_kinds(files: Sequence[Path], one: Sequence[int], other: Sequence[int]) -> Finding:
    """A finding about two kinds of names with numbers of their own: fatal where they take turns, a note where one kind
    follows the other."""
    follow = one[-1] < other[0] or other[-1] < one[0]
    patterns = [pattern_of([files[z] for z in group], files) for group in (one, other)]
    hint = " or ".join(f"'{pattern}'" for pattern in patterns if pattern)
    return Finding(
        "mixed-series",
        f"{len(one)} names in {files[0].parent} are like {files[one[0]].name} and {len(other)} like "
        f"{files[other[0]].name}{'' if follow else ', and they take turns'}",
        "they are taken as one stack in the order of their names",
        f"if they are two series, give a pattern for one{f', {hint}' if hint else ''}",
        severity="note" if follow else "fatal",
        slices=(max(one[0], other[0]),) if follow else (),
    )


def pattern_of(chosen: Sequence[Path], among: Sequence[Path]) -> str | None:
    """A pattern with the folder that fits these files and no other ones; None where none is simple.

    Example:
        >>> files = [Path(f"s/cut_{z:02}_{name}.tif") for z in (9, 10) for name in ("BSE", "SE")]
        >>> pattern_of(files[::2], files)
        's/cut_*_BSE.tif'
    """
    first, last = chosen[0].name, [path.name for path in chosen]
    start = _common_start(last)
    end = _common_start([name[len(start) :][::-1] for name in last])[::-1]
    others = [path.name for path in among if path not in set(chosen)]
    middle = len(first) - len(start) - len(end)
    for pattern in (f"{start}*{end}", start + "?" * middle + end):
        if all(fnmatchcase(name, pattern) for name in last) and not any(fnmatchcase(n, pattern) for n in others):
            return str(chosen[0].parent / pattern)
    return None


def _common_start(texts: Sequence[str]) -> str:
    """The characters with which all texts begin, digits at its end left out."""
    shortest = min(texts, key=len)
    same = next((i for i, letter in enumerate(shortest) if any(text[i] != letter for text in texts)), len(shortest))
    return shortest[:same].rstrip("0123456789") if same < len(shortest) else shortest[:same]


def _report_odd_names(
    files: Sequence[Path], names: Sequence[SliceName], main: Sequence[int], odd: Sequence[int]
) -> Finding:
    """A finding about files whose names are not like most: a note where their numbers are those that are missing."""
    field = counting_field([names[z] for z in main])
    numbers = set() if field is None else {names[z].numbers[field] for z in main}
    fields = len(names[main[0]].numbers)
    fills = field is not None and all(
        len(names[z].numbers) == fields and names[z].numbers[field] not in numbers for z in odd
    )
    shown = ", ".join(files[z].name for z in odd[:3]) + (", ..." if len(odd) > 3 else "")
    return Finding(
        "mixed-series",
        f"{len(odd)} of {len(files)} names in {files[0].parent} {'are' if odd[1:] else 'is'} not like the others "
        f"({shown}; most are like {files[main[0]].name})",
        f"taken as slices of the stack all the same (z = {', '.join(map(str, odd[:3]))}{', ...' if odd[3:] else ''})",
        f"move what is no slice, such as an overview, out of the folder{_pattern_hint(files, main)}",
        severity="note" if fills else "warning",
        slices=tuple(odd),
    )


def _pattern_hint(files: Sequence[Path], main: Sequence[int]) -> str:
    pattern = pattern_of([files[z] for z in main], files)
    return f", or give the pattern '{pattern}'" if pattern else ""


def _check_numbers(files: Sequence[Path], names: Sequence[SliceName], main: Sequence[int]) -> list[Finding]:
    """Findings about the numbers of the names that are like most, and of others with as many numbers."""
    fields = len(names[main[0]].numbers)
    counted = [z for z in range(len(names)) if len(names[z].numbers) == fields > 0]
    first: dict[tuple[float, ...], int] = {}
    twice = {z: first[names[z].numbers] for z in counted if first.setdefault(names[z].numbers, z) != z}
    once = [z for z in counted if z not in twice]
    field = counting_field([names[z] for z in once]) if len(once) > 2 else None
    findings = [_report_twice(files, twice, {names[z].numbers[field or 0] for z in twice})] if twice else []
    if field is None:
        disorder = _report_disorder(files, [names[z] for z in once])
        return findings + ([disorder] if disorder else [])
    gaps = _report_gaps(files, {z: round(names[z].numbers[field]) for z in once})
    return findings + ([gaps] if gaps else [])


def _report_twice(files: Sequence[Path], twice: Mapping[int, int], numbers: Iterable[float]) -> Finding:
    pairs = ", ".join(f"{files[a].name} and {files[z].name}" for z, a in list(twice.items())[:3])
    return Finding(
        "repeated-slice",
        f"{len(twice)} number{'s' if len(twice) > 1 else ''} in {files[0].parent} {'are' if len(twice) > 1 else 'is'} "
        f"there twice ({pairs}{', ...' if len(twice) > 3 else ''})",
        "one slice counts as two, and all that follow lie too deep",
        "move one of each two out of the folder",
        slices=tuple(sorted({*twice, *twice.values()})),
        numbers=tuple(sorted(map(int, numbers))),
    )


def _report_disorder(files: Sequence[Path], names: Sequence[SliceName]) -> Finding | None:
    """A finding where a number counts evenly, but not in the order of the names."""
    for field, values in enumerate(columns_of(names) if len(names) > 4 else []):
        ordered = sorted(values)
        if list(values) != ordered and ordered[-1] - ordered[0] == len(set(values)) - 1 == len(values) - 1:
            return Finding(
                "slice-order",
                f"the files in {files[0].parent} are taken in the order of their names, from {files[0].name} to "
                f"{files[-1].name}, in which number {field + 1} of each name does not count up",
                "slices may lie at the wrong depth",
                "rename the files so that the number that counts the slices comes first",
            )
    return None


def _report_gaps(files: Sequence[Path], numbers: Mapping[int, int]) -> Finding | None:
    """A finding where the numbers leave some out, by the place of each file in the stack."""
    step = max(1, Counter(b - a for a, b in pairwise(numbers.values())).most_common(1)[0][0])
    gaps = [(z, numbers[z], numbers[after]) for z, after in pairwise(numbers) if numbers[after] - numbers[z] > step]
    count = sum((b - a - 1) // step for _, a, b in gaps)
    missing = [number for _, a, b in gaps for number in range(a + step, b, step)[:_MOST_NUMBERS]][:_MOST_NUMBERS]
    if not missing:
        return None
    shown = ", ".join(map(str, missing[:5])) + (", ..." if count > 5 else "")
    return Finding(
        "missing-slice",
        f"the names of the slices in {files[0].parent} leave out {count} number(s) ({shown})",
        "the slices on both sides are taken as neighbours all the same",
        "add the missing slices, or measure only on one side of them (--box)",
        slices=tuple(sorted({place for z, _, _ in gaps for place in (z, z + 1)})),
        numbers=tuple(missing),
    )
