"""nginx's configuration files: those that come with tcplab, and the learner's own."""

import os
import re
import shutil
from pathlib import Path

from tcplab.errors import BadValue
from tcplab.world.environment import path_variable, tools
from tcplab.world.host import Host

_CONF = Path(__file__).with_name("conf")


def conf_path(name: str | Path) -> Path:
    """Return the configuration file of a name ("hello", "proxy-pool"), or the path of your own file.

    >>> conf_path("hello").name
    'hello.conf'

    Raises:
        BadValue: Neither a name that comes with tcplab nor a file that exists.
    """
    shipped = _CONF / f"{name}.conf"
    if "/" not in str(name) and shipped.is_file():
        return shipped
    if Path(name).is_file():
        return Path(name).resolve()
    names = ", ".join(sorted(path.stem for path in _CONF.glob("*.conf")))
    raise BadValue("conf", str(name), f"one of {names}, or the path of a file of your own")


def program(version: str | None) -> str:
    """Return what nginx of a version is called in a host's PATH.

    >>> program(None)
    'nginx'

    Raises:
        BadValue: It is not here; ./env/nginx unpacks what the distribution still has.
    """
    if version is None:
        return "nginx"
    found = f"nginx-{version}"
    if shutil.which(found, path=path_variable()) is None:
        here = ", ".join(f'"{one}"' for one in unpacked()) or "none"
        raise BadValue("version", version, f"None, or what ./env/nginx has unpacked; here that is {here}")
    return found


def unpacked() -> list[str]:
    """Return the versions of nginx that lie unpacked beside the machine's own: ["1.18", "1.30"]."""
    where = tools()
    found = where.glob("nginx-[0-9]*.[0-9]*") if where else ()
    return sorted(
        (path.name.removeprefix("nginx-") for path in found), key=lambda each: list(map(int, each.split(".")))
    )


def command_line(conf: Path, folder: str, host: Host, program: str = "nginx") -> list[str]:
    """Return the command that runs nginx on a file, with all that it writes in a folder of the host."""
    return [program, "-p", f"{folder}/", "-e", "error.log", *_unsaid(conf, host), "-c", str(conf)]


def _unsaid(conf: Path, host: Host) -> list[str]:
    """Say on the command line what a host needs and the file leaves open."""
    needed = {"daemon": "daemon off;", "pid": "pid nginx.pid;"}
    if os.geteuid() == 0:
        # Else root's workers would become nobody, who may not enter the host's scratch folder.
        needed["user"] = "user root;"
        if host.read("/proc/self/setgroups").strip() == "deny":
            # A user namespace of this kind lets nobody change groups, which nginx does for its workers.
            needed["master_process"] = "master_process off;"
    text = conf.read_text()
    said = [words for name, words in needed.items() if not re.search(rf"^\s*{name}\s", text, re.MULTILINE)]
    return ["-g", " ".join(said)] if said else []
