"""Who may import whom, what an import costs, how long a file may be.

`LAYERS` is the table of docs/architecture.md in code: a test compares the two. A new file belongs
to the subpackage of its folder, or gets a line of its own.
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
ARCHITECTURE = ROOT / "docs" / "architecture.md"
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
    "sklearn",
    "tensorflow",
    "tf_keras",
)
ANY = None

# Modules that all may import
SHARED = {"errors", "files", "reprs", "validation"}

# Subpackage -> subpackages that it imports, lowest first
LAYERS = {
    "errors": set(),
    "validation": set(),
    "files": set(),
    "reprs": set(),
    "tables": set(),
    "": {"compat"},  # nengo_softlif/__init__.py, which looks all other names up lazily
    "compat": {"tables"},
    "functional": set(),
    "processes": {"functional"},
    "neurons": {"functional"},
    "learning_rules": {"functional", "neurons"},
    "layers": {"functional"},
    "networks": {"functional", "learning_rules", "neurons", "processes"},
    "plots": {"functional"},
    "compiled": set(),
    "simulator": {"compiled", "functional", "learning_rules", "neurons", "processes"},
    "loihi": {
        "compat",
        "compiled",
        "functional",
        "networks",
        "neurons",
        "plots",
        "processes",
        "simulator",
        "tables",
    },
    "nengodl": {"compat", "functional", "layers", "learning_rules", "neurons", "processes"},
    "backends": {"compat", "loihi", "nengodl", "simulator"},
    "analysis": {"functional", "processes"},
    "evaluation": {"analysis", "backends", "functional", "networks", "plots", "tables"},
    "conversion": {
        "compat",
        "evaluation",
        "functional",
        "layers",
        "loihi",
        "networks",
        "neurons",
        "plots",
        "processes",
        "tables",
    },
    "data": set(),
    "datasets": set(),
    "demo": {"conversion", "datasets", "evaluation", "layers", "plots"},
    "cli": ANY,
    "__main__": {"cli"},
}


def subpackage_of(path):
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imported_by(path):
    """Return the subpackages that a file imports anywhere in it, inside functions too."""
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
def test_imports_between_subpackages(path):
    name = subpackage_of(path)
    assert name in LAYERS, f"{relative(path)}: {name!r} is not in the table"
    allowed = LAYERS[name]
    if allowed is ANY:
        return
    wrong = imported_by(path) - allowed - {name} - SHARED
    assert not wrong, f"{relative(path)}: {name!r} may not import {sorted(wrong)}"


def test_every_permission_is_used():
    used = {name: set() for name in LAYERS}
    for path in FILES:
        used[subpackage_of(path)] |= imported_by(path)
    unused = {
        name: allowed - used[name]
        for name, allowed in LAYERS.items()
        if allowed is not ANY and allowed - used[name]
    }
    assert not unused, f"permissions that nobody uses: {unused}"


def test_nothing_imports_upwards():
    """The table lists each subpackage after those that it imports, so there is no circle."""
    known = {"compat"}
    for name, allowed in LAYERS.items():
        if allowed is not ANY and name != "__main__":
            assert allowed <= known, f"{name!r} stands before {sorted(allowed - known)}"
        known.add(name)


def module_imports():
    """Return, for each module of the package, the modules of the package that it imports."""
    name_of = {
        path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in FILES
    }
    known = set(name_of.values())
    graph = {}
    for path, name in name_of.items():
        graph[name] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nengo_softlif"):
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    graph[name].add(full if full in known else node.module)
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & known
    return graph


def test_modules_import_each_other_in_no_circle():
    """Inside functions too. A package's ``__init__`` counts as what imports its modules."""
    graph = {name: {m for m in found if m != name} for name, found in module_imports().items()}
    while graph:
        free = [name for name, found in graph.items() if not found & set(graph)]
        assert free, f"these modules import each other in a circle: {sorted(graph)}"
        for name in free:
            del graph[name]


def test_the_table_of_the_docs_is_this_one():
    rows = re.findall(r"^\| `([^`]+)` \| .+ \| (.+) \|$", ARCHITECTURE.read_text(), re.MULTILINE)
    documented = {name.rstrip("/").removesuffix(".py"): cell for name, cell in rows}
    for name, allowed in LAYERS.items():
        if name in ("", "__main__", "data"):
            continue
        assert name in documented, f"docs/architecture.md lacks a row for {name!r}"
        cell = documented.pop(name)
        found = ANY if cell == "all" else set(re.findall(r"`(\w+)/?`", cell))
        assert found == allowed, f"docs/architecture.md: {name!r} imports {cell}"
    assert not documented, f"docs/architecture.md has rows for {sorted(documented)}"


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


@pytest.mark.parametrize("name", ["datasets", "functional", "errors", "validation"])
def test_light_subpackages_load_only_arrays(name):
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
