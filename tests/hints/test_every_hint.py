"""No error gives advice that no test follows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nengo_softlif

SOURCES = Path(nengo_softlif.__file__).parent
TESTS = Path(__file__).parent
# What one can do, behind the words that say what is wrong
VERBS = (
    r"(?:pass|use|choose|call|give|set|take|make|put|leave|train|rename|reshape|scale|"
    r"rescale|lower|flatten|encode|ask|run|build|replace|convert|write|add|name|merge|remove|end|"
    r"unset|save|turn|list|move|flip|show|carry|connect|verify|bring|try)\b"
)
ADVICE = re.compile(rf"[;.:\n] ?{VERBS}", re.IGNORECASE)
# What is kept in a variable, to be added to a message: a part of a sentence, or sentences
HINT = re.compile(rf"; (?:.*[;.:] )?{VERBS}.*|{VERBS}.*\.", re.IGNORECASE | re.DOTALL)


def texts(node: ast.AST) -> Iterator[str]:
    """Texts below a node of the source, with {} for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def _tells(node: ast.AST) -> bool:
    """Whether a node raises an error, or makes a violation or a reason for one."""
    if isinstance(node, ast.Return):
        return isinstance(node.value, ast.List | ast.ListComp)
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return isinstance(node, ast.Raise) or (is_call and node.func.id == "Violation")


def advices() -> Iterator[tuple[str, str]]:
    """Places and texts of all advice: in what is raised, and in hints that are added to it."""
    for path in sorted(SOURCES.rglob("*.py")):
        place = path.relative_to(SOURCES).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            is_raised = _tells(node)
            is_hint = isinstance(node, ast.Assign | ast.AugAssign)
            for text in texts(node) if is_raised or is_hint else ():
                if (is_raised and ADVICE.search(text)) or (is_hint and HINT.fullmatch(text)):
                    yield f"{place}:{node.lineno}", text


def hints() -> set[str]:
    """Those that are followed."""
    return {
        ast.literal_eval(node.args[0])
        for path in TESTS.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Advice"
    }


def test_every_advice_is_followed():
    followed = hints()
    found = list(advices())
    assert len(found) > 50
    forgotten = [
        f"{place}: {text}" for place, text in found if not any(hint in text for hint in followed)
    ]
    assert not forgotten, "\n".join(forgotten)
