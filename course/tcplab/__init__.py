"""TIME_WAIT, hands on: a real kernel, a wire you can program, and labs that check themselves.

Public names are loaded when they are first used: the processes inside a world import parts of this
package, and must start in milliseconds.
"""

from __future__ import annotations

TYPE_CHECKING = False

__version__ = "0.1.0"

_HOME = {
    "TcpState": "tcplab.model.state",
    "TcplabError": "tcplab.errors",
    "Testbed": "tcplab.testbed",
    "ab": "tcplab.traffic.ab",
    "backend": "tcplab.traffic.backend",
    "benchmark": "tcplab.traffic.benchmark",
    "capture": "tcplab.observe.tcpdump",
    "check": "tcplab.notebook.exercise",
    "counters": "tcplab.observe.counters",
    "draw": "tcplab.notebook.world",
    "hint": "tcplab.notebook.exercise",
    "ladder": "tcplab.notebook.ladder",
    "nginx": "tcplab.traffic.nginx",
    "predict": "tcplab.notebook.exercise",
    "show": "tcplab.notebook.show",
    "sockets": "tcplab.observe.sockets",
    "sysctls": "tcplab.world.sysctl",
    "task": "tcplab.notebook.tasks",
    "telnet": "tcplab.traffic.telnet",
    "wait_until": "tcplab.notebook.wait",
}

if TYPE_CHECKING:
    from typing import Any

    from tcplab.errors import TcplabError as TcplabError
    from tcplab.model.state import TcpState as TcpState
    from tcplab.notebook.exercise import check as check
    from tcplab.notebook.exercise import hint as hint
    from tcplab.notebook.exercise import predict as predict
    from tcplab.notebook.ladder import ladder as ladder
    from tcplab.notebook.show import show as show
    from tcplab.notebook.tasks import task as task
    from tcplab.notebook.wait import wait_until as wait_until
    from tcplab.notebook.world import draw as draw
    from tcplab.observe.counters import counters as counters
    from tcplab.observe.sockets import sockets as sockets
    from tcplab.observe.tcpdump import capture as capture
    from tcplab.testbed import Testbed as Testbed
    from tcplab.traffic.ab import ab as ab
    from tcplab.traffic.backend import backend as backend
    from tcplab.traffic.benchmark import benchmark as benchmark
    from tcplab.traffic.nginx import nginx as nginx
    from tcplab.traffic.telnet import telnet as telnet
    from tcplab.world.sysctl import sysctls as sysctls

__all__ = [
    "TcpState",
    "TcplabError",
    "Testbed",
    "ab",
    "backend",
    "benchmark",
    "capture",
    "check",
    "counters",
    "draw",
    "hint",
    "ladder",
    "nginx",
    "predict",
    "show",
    "sockets",
    "sysctls",
    "task",
    "telnet",
    "wait_until",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tcplab' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Register the magics, and hint(): `%load_ext tcplab` calls this, and nothing else happens."""
    from tcplab.notebook import magics

    magics.register(shell)
