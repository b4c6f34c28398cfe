"""What programs in a host find: PATH, and no trace of the machine's proxies and displays."""

import functools
import os
from pathlib import Path

SHIMS = Path(__file__).parent / "shims"
_SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_KEPT = ("HOME", "LANG", "LC_ALL", "LOGNAME", "SHELL", "TERM", "TZ", "USER", "COLUMNS", "LINES")


@functools.cache
def tools() -> Path | None:
    """Find what ./env/up unpacked: $TCPLAB_TOOLS, or .tools/bin of the checkout this package lies in."""
    if given := os.environ.get("TCPLAB_TOOLS"):
        return Path(given)
    beside = Path(__file__).resolve().parents[3] / ".tools" / "bin"
    return beside if beside.is_dir() else None


def path_variable() -> str:
    """Return the PATH of a world: its shims first, then the machine, then the unpacked tools."""
    found = tools()
    return os.pathsep.join([str(SHIMS), *_SYSTEM, *([str(found)] if found else [])])


def environment() -> dict[str, str]:
    """Return the environment of a program in a host. Nothing of the machine's proxies gets in."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PATH": path_variable()}
