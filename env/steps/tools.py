"""The programs of the course: the machine's own where it has them, else unpacked, each behind a wrapper."""

import os
import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

import debian
from packages import COURSE, LIBATOMIC, TESTS, Package
from place import ROOT, TOOLS, VENV
from say import Refused, doing, line, run

BIN = TOOLS / "bin"
SYSTEM_PATH = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
)


FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{at}/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def on_machine(program: str) -> bool:
    """Whether the machine has this program (looking also where an ordinary user's PATH does not)."""
    found = shutil.which(program, path=SYSTEM_PATH)
    return found is not None and not found.startswith(str(TOOLS))


def missing(package: Package) -> list[str]:
    """The programs of a package that neither the machine has nor a wrapper in .tools/bin gives."""
    if any(on_machine(other) for other in package.other_names) or not_packaged(package).exists():
        return []
    return [name for name in package.programs if not on_machine(name) and not wrapper_serves(package, name)]


def wrapper_serves(package: Package, program: str) -> bool:
    """Whether .tools/bin has this program, written for where the project lies now."""
    wrapper = BIN / program
    unpacked = f"{TOOLS / package.name}/"
    return wrapper.exists() and (TOOLS / package.name).exists() and unpacked in wrapper.read_text()


def not_packaged(package: Package) -> Path:
    """The note that this distribution has no such package, so that nobody asks again at each start."""
    return TOOLS / f"{package.name}.not-packaged"


def make_tools(*, for_tests: bool) -> None:
    """Unpack what the machine lacks."""
    if not debian.available():
        line("programs", "there is no apt here to unpack them with; the doctor names what is missing, and the command")
        return
    make_programs(wanted(for_tests=for_tests))
    if for_tests and (node := unserved_node()):
        make_playwright_node(node)


def make_programs(packages: Iterable[Package]) -> None:
    """Unpack what the machine lacks of these."""
    for package in packages:
        programs = missing(package)
        if not programs:
            continue
        try:
            with doing(package.name, f"unpacking {' '.join(programs)} into .tools"):
                at = debian.unpacked(package.name, TOOLS / package.name)
                for program in programs:
                    write_wrapper(package, program, at)
        except Refused as refused:
            if package.required:
                raise
            if isinstance(refused, debian.NotPackaged):
                not_packaged(package).write_text(refused.what)
            line(package.name, f"goes missing: {refused.what}")


def lacks_libraries(program: Path, folders: str = "") -> list[str]:
    """The shared libraries that a program would not find, with these folders before the machine's."""
    said = run([program], env={"LD_TRACE_LOADED_OBJECTS": "1", "LD_LIBRARY_PATH": folders}).stdout
    return [row.split()[0].removesuffix(":") for row in said.splitlines() if "not found" in row or "cannot open" in row]


def unserved_node() -> Path | None:
    """Playwright's own node, if the machine lacks a library of it and no wrapper makes up for that."""
    for node in VENV.glob("lib/python3*/site-packages/playwright/driver/node"):
        if lacks_libraries(node) and not wrapper_serves(LIBATOMIC, "playwright-node"):
            return node
    return None


def make_playwright_node(node: Path) -> None:
    """Give playwright's node what a small Debian lacks; tests/conftest.py points to the wrapper."""
    with doing(LIBATOMIC.name, "unpacking a library of playwright into .tools"):
        at = debian.unpacked(LIBATOMIC.name, TOOLS / LIBATOMIC.name)
        write_wrapper(LIBATOMIC, "playwright-node", at, target=node)


def wanted(*, for_tests: bool) -> tuple[Package, ...]:
    """The packages of the course, and those of its tests."""
    return COURSE + TESTS if for_tests else COURSE


def is_current(*, for_tests: bool) -> bool:
    """Whether every program that can be had is there."""
    if any(missing(package) for package in wanted(for_tests=for_tests)):
        return False
    return not (for_tests and unserved_node())


def write_wrapper(package: Package, program: str, at: Path, target: Path | None = None) -> None:
    """Write .tools/bin/PROGRAM, which sets the library path for this program alone."""
    places = [*package.inside, *(f"{where}/{program}" for where in ("usr/sbin", "usr/bin", "sbin", "bin"))]
    target = target or next((at / place for place in places if (at / place).is_file()), None)
    if target is None:
        raise Refused(f"The package {package.name} holds no {program}.", f"sudo apt-get install {package.name}")

    libraries = ":".join(str(path) for path in library_folders(at))
    if lacks := lacks_libraries(target, libraries):
        raise Refused(f"{program}, unpacked, lacks {', '.join(lacks)}.", f"sudo apt-get install {package.name}")

    settings = {"LD_LIBRARY_PATH": libraries} | extra_settings(package, at)
    words = [f"{name}={shlex.quote(value)}" for name, value in settings.items()]
    words[0] += '"${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"'
    write_script(program, [str(target)], before=" ".join(words))


def write_script(name: str, argv: list[str], *, before: str = "") -> None:
    """Write .tools/bin/NAME, which becomes another program, with the settings before it."""
    BIN.mkdir(parents=True, exist_ok=True)
    made = BIN / f".{name}.new"
    made.write_text(f'#!/bin/sh\n{before}{" " if before else ""}exec {shlex.join(argv)} "$@"\n')
    made.chmod(0o755)
    made.replace(BIN / name)


def library_folders(at: Path) -> list[Path]:
    """Where an unpacked package has its shared libraries; some lie in a folder of their own (pulseaudio)."""
    found = {path.parent for top in ("lib", "usr/lib") for path in (at / top).rglob("lib*.so*")}
    return sorted(found, key=lambda folder: (len(folder.parts), folder))


def extra_settings(package: Package, at: Path) -> dict[str, str]:
    """What else a program must be told when it does not lie where it was built for."""
    if package.name == "chromium":
        fonts = at / "fonts.conf"
        fonts.write_text(FONTS.format(at=at, cache=TOOLS / "var" / "fontconfig"))
        return {"FONTCONFIG_FILE": str(fonts)}
    if package.name == "tshark":
        return {"WIRESHARK_DATA_DIR": str(at / "usr/share/wireshark")}
    return {}


def report() -> str:
    """Which programs come from .tools, in a few words."""
    here = sorted(wrapper.name for wrapper in BIN.glob("[!.]*")) if BIN.exists() else []
    return f"the machine's own, and from {BIN.relative_to(ROOT)}: {' '.join(here)}" if here else "the machine's own"
