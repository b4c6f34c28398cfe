"""nginx's configuration files: those that come with tcplab, and the learner's own."""

import os
import re
from pathlib import Path

from tcplab.errors import BadValue
from tcplab.traffic.versions import program, release
from tcplab.world.host import Host

_CONF = Path(__file__).with_name("conf")
_LOG_OPTION = (1, 19)  # -e, from 1.19.5 on: nginx(8)


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


def command_line(conf: Path, folder: str, host: Host, version: str | None = None) -> list[str]:
    """Return the command that runs nginx on a file, with all that it writes in a folder of the host."""
    log = version is None or release(version) >= _LOG_OPTION
    told = {} if log else {"error_log": "error_log error.log;"}
    where = ["-p", f"{folder}/", *(["-e", "error.log"] if log else [])]
    return [program(version), *where, *_unsaid(conf, host, told), "-c", str(conf)]


def _unsaid(conf: Path, host: Host, needed: dict[str, str]) -> list[str]:
    """Say on the command line what a host needs and the file leaves open."""
    needed = {"daemon": "daemon off;", "pid": "pid nginx.pid;", **needed}
    if os.geteuid() == 0:
        # Else root's workers would become nobody, who may not enter the host's scratch folder.
        needed["user"] = "user root;"
        if host.read("/proc/self/setgroups").strip() == "deny":
            # A user namespace of this kind lets nobody change groups, which nginx does for its workers.
            needed["master_process"] = "master_process off;"
    text = conf.read_text()
    said = [words for name, words in needed.items() if not re.search(rf"^\s*{name}\s", text, re.MULTILINE)]
    return ["-g", " ".join(said)] if said else []
