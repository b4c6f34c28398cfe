"""The Python side: uv, pinned and hashed; .venv with every package, pinned and hashed; tcplab, editable."""

import os
import re
import sys
from pathlib import Path

import debian
from place import CACHE, ROOT, TOOLS, UV, VENV, clean_environment, digest, fresh, put, remove
from say import Refused, doing, run, tail

PINS = ROOT / "env"
STAMP = VENV / ".tcplab-stamp"
AGAIN = "See that the network is there, and run the same command again: what was fetched is kept."
UNTRUSTED = (
    "The network's certificate is not trusted here. Mend: sudo apt-get install ca-certificates, or add your network's"
)


def environment() -> dict[str, str]:
    """What uv and pip see: caches in the project, the machine's own certificates."""
    env = clean_environment()
    if not Path("/etc/ssl/certs").exists() and "SSL_CERT_FILE" not in env:
        bundle = str(debian.certificates())
        return env | {"SSL_CERT_FILE": bundle, "PIP_CERT": bundle}
    return {"UV_SYSTEM_CERTS": "1"} | env


def not_fetched(what: str, said: str) -> Refused:
    """What to say when something could not be fetched: is it the network, or a certificate?"""
    mend = UNTRUSTED if re.search("CERTIFICATE_VERIFY_FAILED|UnknownIssuer", said) else AGAIN
    return Refused(f"{what} could not be fetched.", mend, tail(said))


def pip() -> list[str]:
    """A pip that this Python can run: its own, a wheel on the machine, or the distribution's, unpacked."""
    if run([sys.executable, "-I", "-c", "import pip"]).returncode == 0:
        return [sys.executable, "-I", "-m", "pip"]
    wheels = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    if not wheels:
        unpacked = debian.unpacked("python3-pip-whl", TOOLS / "pip")
        wheels = sorted(unpacked.glob("usr/share/python-wheels/pip-*.whl"))
    return [sys.executable, "-I", f"{wheels[-1]}/pip"]


def make_uv() -> None:
    """Make .tools/uv from its pin, if it is not there yet."""
    pins = PINS / "requirements-uv.txt"
    mark = TOOLS / "uv" / ".stamp"
    if UV.exists() and mark.exists() and mark.read_text() == digest([pins]):
        return

    made = fresh(TOOLS / "uv.new")
    with doing("uv", "fetching the installer"):
        install: list[str | Path] = [
            *pip(),
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--no-deps",
            "--require-hashes",
        ]
        where: list[str | Path] = ["--only-binary", ":all:", "--cache-dir", CACHE / "pip", "--target", made]
        result = run([*install, *where, "-r", pins], env=environment() | {"PIP_ROOT_USER_ACTION": "ignore"})
        if result.returncode:
            raise not_fetched("uv, the installer,", result.stdout)
    (made / ".stamp").write_text(digest([pins]))
    put(made, TOOLS / "uv")


def mirror() -> dict[str, str]:
    """The package index that the machine's pip is set to, so that uv asks the same one."""
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return {}
    said = run([sys.executable, "-I", "-m", "pip", "config", "list"], env=environment()).stdout
    found = re.findall(r"^[\w:.-]+\.index[-_]url='(.+)'$", said, re.MULTILINE)
    return {"UV_DEFAULT_INDEX": found[-1]} if found else {}


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
        "--compile-bytecode",
    ]
    argv = [*install, *(word for file in files for word in ("-r", file))]
    env = environment()
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
