"""Every wheel that a machine without a registry needs, for its Python, in one folder; hashes stay those pinned."""

import os
import re
import subprocess
import sys
from pathlib import Path

from packaging.markers import Marker, default_environment

ENV = Path(__file__).resolve().parents[2] / "env"
sys.path.append(str(ENV / "steps"))
from installer import pip  # noqa: E402 (env/steps is no package: ./env/up runs it with the system's Python)

PINS = ("requirements.txt", "requirements-build.txt", "requirements-uv.txt")
GLIBC = ("2_36", "2_35", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")


def wanted(text: str, python: str) -> str:
    """The pins of a file that hold for a version of Python, without their conditions."""
    where = default_environment() | {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    kept = []
    for block in re.split(r"\n(?=[A-Za-z])", text):
        first, _, hashes = block.partition("\n")
        pin, _, condition = first.removesuffix(" \\").partition(" ; ")
        if not first.startswith("#") and (not condition or Marker(condition).evaluate(where)):
            kept.append(f"{pin} \\\n{hashes}")
    return "\n".join(kept) + "\n"


def fetch(into: Path, python: str, machine: str = "x86_64") -> None:
    """Download them with pip, each held against its hash; from the registry that this machine's pip is set to."""
    into.mkdir(parents=True, exist_ok=True)
    for name in PINS:
        pins = into / name
        pins.write_text(wanted((ENV / name).read_text(), python))
        argv = [*pip(), "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        argv += [f"--python-version={python}", *(f"--platform=manylinux_{glibc}_{machine}" for glibc in GLIBC)]
        argv += [f"--platform=manylinux{year}_{machine}" for year in ("2014", "2010", "1")]
        env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        subprocess.run([*argv, "--dest", str(into), "--requirement", str(pins)], check=True, env=env)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]), sys.argv[2])
