"""Where everything lies: inside the project's folder, so that deleting the folder removes everything."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
CACHE = TOOLS / "cache"
PINS = ROOT / "env"
UV = TOOLS / "uv" / "bin" / "uv"


def digest(files: Iterable[Path]) -> str:
    """One hash over the contents of files, in the order given."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def remove(path: Path) -> None:
    """Remove a file or a tree; what is not there is removed already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def fresh(path: Path) -> Path:
    """An empty directory at this place."""
    remove(path)
    path.mkdir(parents=True)
    return path


def put(made: Path, at: Path) -> None:
    """Rename what is complete to where it belongs: until then, whatever was there before stays."""
    old = at.with_name(f"{at.name}.old")
    remove(old)
    if at.exists():
        at.rename(old)
    made.rename(at)
    remove(old)


def clean_environment() -> dict[str, str]:
    """The environment without what would lead a Python astray, and with every cache in the project."""
    dropped = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "CONDA_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "UV_CACHE_DIR": str(CACHE / "uv"),
        "UV_COMPILE_BYTECODE_TIMEOUT": "600",
        "UV_HTTP_RETRIES": "2",
        "UV_PYTHON_DOWNLOADS": "never",
        "XDG_CACHE_HOME": str(CACHE),
    }
