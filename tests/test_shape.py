"""Functions stay short and are named by what they do; `shape_allowances.json` lists the older ones that do not yet.

An allowance that is no longer needed fails, too, so that the list only gets shorter. `python tests/test_shape.py` takes
out those that are not needed and follows functions that have moved to another file; it never adds one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "keramos"
ALLOWED = Path(__file__).with_name("shape_allowances.json")
MAX_LINES, MAX_PARAMETERS = 60, 8
PRONOUNS = ("Of", "That", "Those", "What", "Which", "Where", "How")
IRREGULAR = re.compile(
    "(under)?(begun|bound|bought|broken|brought|built|caught|chosen|drawn|driven|fallen|felt|forgotten|found|given|gone|"
    "grown|heard|held|hidden|hung|kept|known|laid|learnt|left|lent|lost|made|meant|met|paid|risen|said|seen|sent|shown|"
    "sought|spent|spoken|stood|swept|taken|taught|thought|thrown|told|worn|written)"
)
VERBS_IN_ED = {"embed", "exceed", "feed", "need", "proceed", "seed", "shed", "speed"}
PARTICLES = re.compile(
    "about|again|apart|as|at|away|back|beside|by|down|for|from|in|into|of|off|on|once|onto|out|over|to|together|under|up|"
    "with"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Offences = dict[str, set[str]]


def named_nodes(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    """The functions and classes of a module with their qualified names."""
    for node in ast.iter_child_nodes(tree):
        inner = outer
        if isinstance(node, Function | ast.ClassDef):
            inner = f"{outer}.{node.name}" if outer else node.name
            yield inner, node
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):  # in an expression nothing is defined
            yield from named_nodes(node, inner)


def count_parameters(node: Function) -> int:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
    return len([argument for argument in every if argument.arg not in ("self", "cls")])


def is_attribute(node: Function) -> bool:
    """Whether it is read without being called: a property may be called by an adjective."""
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def is_bare_participle(name: str) -> bool:
    """Whether a name is a participle alone, or one with a particle such as `taken_up`."""
    first, *rest = name.strip("_").split("_")
    regular = first.endswith("ed") and len(first) > 3 and first not in VERBS_IN_ED
    return bool(regular or IRREGULAR.fullmatch(first)) and all(PARTICLES.fullmatch(word) for word in rest)


def opens_with_pronoun(node: ast.AST) -> bool:
    return ((ast.get_docstring(node) or " ").split() or [""])[0].rstrip(",:;") in PRONOUNS  # type: ignore[arg-type]


RULES: dict[str, Callable[[Function], bool]] = {
    "over 60 lines": lambda node: (node.end_lineno or 0) - node.lineno >= MAX_LINES,
    "over 8 parameters": lambda node: count_parameters(node) > MAX_PARAMETERS,
    "named by a bare participle": lambda node: is_bare_participle(node.name) and not is_attribute(node),
}


RULE_NAMES = (*RULES, "docstring opens with a pronoun", "assert", "fmt: skip")


def collect_offences(source: Path) -> Offences:
    """By rule, the offenders as `path:function`; a whole module as its path."""
    offences: Offences = {rule: set() for rule in RULE_NAMES}
    for file in sorted(source.rglob("*.py")):
        path, text = file.relative_to(source).as_posix(), file.read_text("utf-8")
        tree = ast.parse(text, path)
        nodes = [(f"{path}:{name}", node) for name, node in named_nodes(tree)]
        for rule, is_broken in RULES.items():
            offences[rule] |= {name for name, node in nodes if isinstance(node, Function) and is_broken(node)}
        pronouns = {name for name, node in [(path, tree), *nodes] if opens_with_pronoun(node)}
        offences["docstring opens with a pronoun"] |= pronouns
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            offences["assert"].add(path)
        if re.search(r"#\s*fmt:\s*(skip|off)", text):
            offences["fmt: skip"].add(path)
    return offences


def read_allowances() -> Offences:
    return {rule: set(names) for rule, names in json.loads(ALLOWED.read_text("utf-8")).items()}


@cache
def read_offences() -> Offences:
    """Those of the package, looked for when a test first asks."""
    return collect_offences(SOURCE)


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_no_new_offender(rule: str) -> None:
    new = read_offences()[rule] - read_allowances()[rule]
    assert not new, f"{rule}: mend these (python tests/test_shape.py follows moved ones)"


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_no_allowance_that_is_not_needed(rule: str) -> None:
    assert not read_allowances()[rule] - read_offences()[rule], f"{rule}: run python tests/test_shape.py"


def test_each_rule_sees_an_offender(tmp_path: Path) -> None:
    parameters = ", ".join(f"p{number}" for number in range(9))
    body = "\n".join(["    x = 1"] * 60)
    (tmp_path / "bad.py").write_text(
        f'"""What it is."""\ndef taken_up():\n{body}\ndef f({parameters}):\n    assert p0  # fmt: skip\n', "utf-8"
    )
    (tmp_path / "good.py").write_text(
        '"""Whatever it is."""\nclass A:\n    @property\n    def used(self): pass\n    def seed(self): pass\n',
        "utf-8",
    )
    assert collect_offences(tmp_path) == {
        "over 60 lines": {"bad.py:taken_up"},
        "over 8 parameters": {"bad.py:f"},
        "named by a bare participle": {"bad.py:taken_up"},
        "docstring opens with a pronoun": {"bad.py"},
        "assert": {"bad.py"},
        "fmt: skip": {"bad.py"},
    }


def follow_moves(allowed: set[str], offenders: set[str]) -> set[str]:
    """The allowances still needed, and those whose function is now in another file."""
    kept = allowed & offenders
    lost = [name.split(":")[-1] for name in allowed - kept if ":" in name]
    for name in sorted(offenders - kept):
        if (function := name.split(":")[-1]) in lost:
            lost.remove(function)
            kept.add(name)
    return kept


if __name__ == "__main__":
    allowances = read_allowances()
    rows = {rule: sorted(follow_moves(allowances.get(rule, set()), names)) for rule, names in read_offences().items()}
    ALLOWED.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
