"""The public surface: small, sorted, complete, documented, and its examples are true."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import tcplab

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "course" / "tcplab"
INSIDE = {"tcplab.__main__", "tcplab.world.init", "tcplab.world.agent"}  # run, not imported
MODULES = sorted(found.name for found in pkgutil.walk_packages(tcplab.__path__, "tcplab.") if found.name not in INSIDE)


def test_all_is_sorted_and_complete():
    """`__all__`, the table of homes and what type checkers see are the same names, sorted."""
    assert tcplab.__all__ == sorted(tcplab.__all__, key=str), "Sort __all__."
    assert list(tcplab._HOME) == tcplab.__all__, "Give each public name a home, in the order of __all__."
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    typed = {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.If)
        for imports in node.body
        if isinstance(imports, ast.ImportFrom) and (imports.module or "").startswith("tcplab")
        for alias in imports.names
    }
    assert typed == set(tcplab.__all__), "Name each public name under TYPE_CHECKING too, `import X as X`."


@pytest.mark.parametrize("name", tcplab.__all__)
def test_public_name_says_what_it_is(name):
    """Each has a docstring whose first line fits on a line and ends as a sentence."""
    first = (inspect.getdoc(getattr(tcplab, name)) or "").partition("\n")[0]
    assert first, f"tcplab.{name}: say what it is in the field."
    assert len(first) <= 100, f"tcplab.{name}: shorten the first line of its docstring."
    assert first[-1] in ".:?", f"tcplab.{name}: end the first line as a sentence."


@pytest.mark.parametrize("name", [name for name in tcplab.__all__ if name not in {"TcplabError", "TcpState"}])
def test_public_name_has_an_example(name):
    """Each is shown at a call site; doctest runs it where no world is needed."""
    value = getattr(tcplab, name)
    assert ">>>" in (inspect.getdoc(value) or ""), (
        f"tcplab.{name}: give an example (# doctest: +SKIP if it needs a bed)."
    )


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_true(module, monkeypatch, tmp_path):
    """Every example in a docstring says what really comes, to a learner who has done nothing yet."""
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(module), verbose=False)
    assert not failed, f"Run: python -m doctest on {module}, and mend the example or the code."


def test_import_does_nothing():
    """`import tcplab` loads no library and makes no process: a world's processes import it."""
    script = "import sys; before = set(sys.modules); import tcplab; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {one.partition(".")[0] for one in done.stdout.split()}
    assert not loaded & {"numpy", "matplotlib", "scapy", "IPython", "ipaddress", "dataclasses", "subprocess"}
