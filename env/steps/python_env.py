""".venv: every package, pinned and hashed; tcplab, editable."""

import os
import re
import sys
from pathlib import Path

from installer import environment, make_uv, mirror, not_fetched
from place import PINS, ROOT, UV, VENV, digest, put, remove
from say import Refused, doing, run, tail

STAMP = VENV / ".tcplab-stamp"


def requirements(*, for_tests: bool) -> list[Path]:
    """The files of pins that .venv is made from."""
    return [PINS / f"requirements{'-test' if for_tests else ''}.txt", PINS / "requirements-build.txt"]


def stamp(*, for_tests: bool) -> dict[str, str]:
    """What .venv was made from; it is current as long as this does not change."""
    return {
        "level": "test" if for_tests else "run",
        "packages": digest(requirements(for_tests=for_tests)),
        "python": f"{os.path.realpath(sys.executable)} {sys.version_info[0]}.{sys.version_info[1]}",
        "project": digest([ROOT / "pyproject.toml"]),
        "root": str(ROOT),
    }


def written() -> dict[str, str]:
    """The stamp of the .venv that is there; empty when there is none, or it no longer runs."""
    if not STAMP.exists() or run([VENV / "bin" / "python", "-I", "-c", ""]).returncode:
        return {}
    return dict(each.split(" ", 1) for each in STAMP.read_text().splitlines())


def is_current(*, for_tests: bool) -> bool:
    """Whether .venv needs no work; one made for the tests serves for running too."""
    found = written()
    return found in ([stamp(for_tests=True)] if for_tests else [stamp(for_tests=False), stamp(for_tests=True)])


def make_venv(*, for_tests: bool) -> None:
    """Make .venv anew beside the old one, complete with bytecode, and put it in its place."""
    make_uv()
    found = written()
    wanted = stamp(for_tests=for_tests or found.get("level") == "test")
    if {**found, "project": "", "root": ""} == {**wanted, "project": "", "root": ""}:
        STAMP.unlink()
        with doing("tcplab", "installing it anew: pyproject.toml has changed, or the folder was moved"):
            install_tcplab(VENV, wanted)
        return

    made = VENV.with_name(".venv.new")
    remove(made)
    files = requirements(for_tests=wanted["level"] == "test")
    count = len(re.findall(r"^[\w.-]+==", files[0].read_text(), re.MULTILINE))
    with doing(".venv", f"Python {sys.version.split()[0]} ({sys.executable}), about {count} packages"):
        create: list[str | Path] = [
            UV,
            "venv",
            "--quiet",
            "--relocatable",
            "--prompt",
            "tcplab",
            "--python",
            sys.executable,
            made,
        ]
        result = run(create, env=environment())
        if result.returncode:
            raise Refused(
                "A virtual environment could not be made.", f"Is the disk full? df -h '{ROOT}'", tail(result.stdout)
            )
        install_packages(made, files)
        install_tcplab(made, wanted)
        put(made, VENV)


def install_packages(venv: Path, files: list[Path]) -> None:
    """Install pinned packages into a virtual environment, from the cache alone if it has them all."""
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--python",
        venv / "bin" / "python",
        "--require-hashes",
    ]
    argv = [*install, *(word for file in files for word in ("-r", file))]
    env = {"UV_COMPILE_BYTECODE": "1"} | environment()
    if run([*argv, "--quiet", "--offline"], env=env).returncode == 0:
        return
    result = run(argv, env=env | mirror(), show=True)
    if result.returncode:
        raise not_fetched("The Python packages", result.stdout or "")


def install_tcplab(venv: Path, wanted: dict[str, str]) -> None:
    """Install this folder's tcplab as editable: what is edited in course/tcplab acts at once."""
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation"]
    result = run([*install, "--python", venv / "bin" / "python", "--editable", ROOT], env=environment())
    if result.returncode:
        raise Refused(
            "tcplab itself could not be installed.",
            "Look at pyproject.toml: git diff pyproject.toml",
            tail(result.stdout),
        )
    (venv / STAMP.name).write_text("".join(f"{name} {value}\n" for name, value in wanted.items()))
