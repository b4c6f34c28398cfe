"""tcplab's layers: who may import whom, and what is imported in one place only."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "course" / "tcplab"
ORDER = (
    "errors",
    "model",
    "checks",
    "world",
    "wire",
    "observe",
    "traffic",
    "testbed",
    "incident",
    "notebook",
    "live",
    "doctor",
    "grading",
    "command",
    "__main__",
)
PROGRAMS = (PACKAGE / "traffic" / "programs", PACKAGE / "incident" / "files")  # run by labs, imported by nobody
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py" and path.parent not in PROGRAMS
)
ALLOWED = {
    ("world/init.py", "wire"),  # the first process of a world starts the wire's, without an exec
}
IMPORTERS = {
    "subprocess": {"world/world.py", "doctor/attempt.py", "grading/sandbox.py"},
    "scapy": {"observe/pcap.py"},
    "sqlite3": {"notebook/store.py"},
    "anywidget": {"live/view.py"},
    "ipywidgets": {"live/closing.py"},
}
INSIDE = ("init", "agent", "device", "libc", "message", "neighbours")  # of world/: what a world's processes import


def name(path: Path) -> str:
    """A module as the tables above write it."""
    return path.relative_to(PACKAGE).as_posix()


def imported(path: Path, *, at_import: bool = False) -> set[str]:
    """All modules that a module imports; with at_import=True only those that importing it brings in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_import else list(ast.walk(tree))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_module_imports_only_from_layers_above(path):
    """The order of layers stands in course/README.md and is one way."""
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert layer in ORDER, f"Give {layer} a place in ORDER and in course/README.md."
    for module in imported(path):
        first, _, rest = module.partition(".")
        used = rest.partition(".")[0]
        if first == "tcplab" and used in ORDER and (name(path), used) not in ALLOWED:
            assert ORDER.index(used) <= ORDER.index(layer), (
                f"{name(path)} imports {module}, which is a later layer. Move what it needs up, or itself down."
            )


@pytest.mark.parametrize("package", IMPORTERS)
def test_imported_in_one_place(package):
    """What is hard to use well is used in one place, behind a function of ours."""
    found = {name(path) for path in MODULES if any(m.partition(".")[0] == package for m in imported(path))}
    assert found <= IMPORTERS[package], (
        f"{package} belongs to {sorted(IMPORTERS[package]) or 'nobody'}: call what is there instead of importing it."
    )


def test_matplotlib_is_the_notebooks():
    """Pictures are drawn in notebook/, and importing it draws in no matplotlib."""
    found = {path for path in MODULES if any(m.partition(".")[0] == "matplotlib" for m in imported(path))}
    assert {path.relative_to(PACKAGE).parts[0] for path in found} <= {"notebook"}


@pytest.mark.parametrize("module", INSIDE)
def test_world_starts_in_milliseconds(module):
    """What runs inside a world imports only the standard library's quick part, and itself."""
    slow = {"dataclasses", "enum", "ipaddress", "logging", "numpy", "pathlib", "re", "subprocess", "typing"}
    found = {one.partition(".")[0] for one in imported(PACKAGE / "world" / f"{module}.py", at_import=True)}
    assert not found & slow, f"world/{module}.py imports {found & slow}: import it where it is used, or do without."


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")) + MODULES, ids=lambda path: path.name)
def test_library_has_one_name(path):
    """The library is `tcplab`; nobody imports it through the folder that it lies in, and nobody stars."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] != "course", f"{path}: write `from tcplab…`."
            assert all(alias.name != "*" for alias in node.names), f"{path}: import by name."
        elif isinstance(node, ast.Import):
            assert all(alias.name.partition(".")[0] != "course" for alias in node.names), f"{path}: write `tcplab`."


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_sleeps_but_a_bounded_wait(path):
    """Readiness is observed, not slept for: only wait_until pauses."""
    calls = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    ]
    assert not calls or name(path) == "notebook/wait.py", (
        f"{name(path)}, lines {calls}: wait for what you wait for (select, a condition, an event), with a bound."
    )
