"""The plan of the house: who may import whom, what an import costs, how long a file may be.

`ROOMS` is the table of docs and architecture in code; a new file belongs to the room of its
folder, or gets a line of its own.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nengo_softlif

PACKAGE = Path(nengo_softlif.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400
HEAVY = (
    "jax",
    "keras",
    "matplotlib",
    "nengo",
    "nengo_dl",
    "nengo_loihi",
    "numba",
    "numpy",
    "rich",
    "scipy",
    "tensorflow",
    "tf_keras",
)
ANY = None

# room -> rooms that its files may import. `errors` may be imported by all, and imports nothing.
ROOMS = {
    "": {"compat"},  # nengo_softlif/__init__.py, which looks all other names up lazily
    "__main__": {"cli"},
    "analysis": {"backends", "functional", "processes"},
    "architectures": {"functional", "layers", "noise"},
    "backends": {"sessions"},
    "cli": ANY,
    "comparison": {"backends", "evaluation"},
    "compat": set(),
    "conversion": {"functional", "layers", "loihi", "neurons", "noise", "processes"},
    "data": set(),
    "datasets": set(),
    "demo": ANY,
    "errors": set(),
    "evaluation": {"analysis", "backends", "conversion", "functional"},
    "functional": set(),
    "handmade": {"conversion"},
    "layers": {"functional", "noise"},
    "loihi": {"functional", "neurons", "processes", "simulator"},
    "nengodl": {"functional", "neurons", "noise", "processes"},
    "neurons": {"functional", "noise"},
    "noise": {"functional"},
    "pictures": {"functional", "plots"},
    "plots": set(),
    "processes": {"functional"},
    "sessions": {"loihi", "simulator"},
    "simulator": {"functional", "neurons", "processes"},
    "training": {"functional", "layers", "noise"},
}

TOPMOST = {room for room, allowed in ROOMS.items() if allowed is ANY}


def room_of(path):
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def rooms_imported(path):
    """Return the rooms that a file imports anywhere in it, inside functions too."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"
            if node.module == "nengo_softlif":
                modules.update(f"nengo_softlif.{alias.name}" for alias in node.names)
            else:
                modules.add(node.module)
    parts = [module.split(".") for module in modules]
    return {p[1] if len(p) > 1 else "" for p in parts if p[0] == "nengo_softlif"}


def relative(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_imports_between_rooms(path):
    room = room_of(path)
    assert room in ROOMS, f"{relative(path)}: the room {room!r} is not in the table"
    allowed = ROOMS[room]
    if allowed is ANY:
        return
    wrong = rooms_imported(path) - allowed - {room, "errors"}
    assert not wrong, f"{relative(path)}: {room!r} may not import {sorted(wrong)}"


def test_the_table_has_no_circles():
    """Rooms can be put in an order in which each imports only those before it."""
    left = {room: set(allowed) - TOPMOST for room, allowed in ROOMS.items() if room not in TOPMOST}
    while left:
        free = [room for room, allowed in left.items() if not allowed & set(left)]
        assert free, f"these rooms import each other in a circle: {sorted(left)}"
        for room in free:
            del left[room]


def test_nobody_imports_what_may_import_all():
    for room, allowed in ROOMS.items():
        if allowed is not ANY and room != "__main__":
            assert not allowed & TOPMOST


def loaded_by(code):
    """Return which heavy packages a fresh interpreter has loaded after ``code``."""
    code += "; import sys; print(*(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split()) & set(HEAVY)


def test_import_loads_nothing_heavy():
    assert loaded_by("import nengo_softlif") == set()


def test_command_line_loads_nothing_heavy():
    assert loaded_by("import nengo_softlif.cli") == set()


@pytest.mark.parametrize("name", ["datasets", "noise", "functional", "errors", "comparison"])
def test_light_rooms_load_only_arrays(name):
    assert loaded_by(f"import nengo_softlif.{name}") <= {"numpy", "scipy"}


def test_neurons_need_only_nengo():
    assert not loaded_by("import nengo_softlif.neurons") & {
        "keras",
        "matplotlib",
        "nengo_dl",
        "nengo_loihi",
        "tensorflow",
    }


def tracked(*patterns):
    """Return the files of the source tree, or those of the installed package without git."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", *patterns],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
    except (OSError, subprocess.CalledProcessError):
        return FILES
    # a file may be listed and deleted while somebody works on the tree
    found = (ROOT / name for name in done.stdout.split("\0") if name)
    return [path for path in found if path.is_file()] or FILES


def test_no_file_is_too_long():
    lengths = {relative(p): len(p.read_text().splitlines()) for p in tracked("*.py")}
    too_long = {name: n for name, n in lengths.items() if n > MAX_LINES}
    assert not too_long, f"more than {MAX_LINES} lines: {too_long}"


# Folders that a person or a machine has of its own
OF_A_MACHINE = re.compile(r"""(?<![\w.:/~$}])/(home|Users|root|work|opt|mnt|tmp)/\w""")


def test_no_paths_of_a_machine():
    found = []
    for path in tracked():
        if path.suffix in {".npz", ".png", ".zip", ".keras"} or path.name == "LICENSE":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if OF_A_MACHINE.search(line):
                found.append(f"{relative(path)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line, expected",
    [
        ('open("@home/ann/data.npz")', True),
        ("see @Users/ann/x", True),
        ("https://example.org@home/page", False),
        ("$HOME@work/x and ~@work/x", False),
        ("a@tmp/b", False),
    ],
)
def test_paths_of_a_machine_are_recognised(line, expected):
    line = line.replace("@", "/")  # so that this file isn't found itself
    assert bool(OF_A_MACHINE.search(line)) == expected


def test_public_names_have_docstrings():
    """Every public module, class, function and method says what it is."""
    bare = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            bare.append(relative(path))
        bare += [f"{relative(path)}: {name}" for name in undocumented(tree)]
    assert not bare, "without docstring:\n" + "\n".join(bare)


def undocumented(scope, prefix="", inherits=False):
    for node in scope.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        # a method of a class with a base may take its base's docstring
        if not ast.get_docstring(node) and not inherits:
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node, f"{prefix}{node.name}.", inherits=bool(node.bases))
