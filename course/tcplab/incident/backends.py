"""Outages that lie with the backend: a program that leaks, resets, or lets too few wait."""

from random import Random

from tcplab.incident.crowds import knock
from tcplab.incident.kind import ALONE, Kind, Wrong
from tcplab.incident.proxies import longer_reads
from tcplab.incident.service import Service

_SERVE = """def serve(connection):
    another = True
    with connection, connection.makefile("rb") as lines:
        connection.settimeout(IDLE_S)
        while another and (request := asked(lines)):
            path, another = request
"""
_LEAKING = """callers = {}  # who is being served


def serve(connection):
    connection.settimeout(IDLE_S)
    callers[connection] = lines = connection.makefile("rb")
    request, another = asked(lines), True
    if not request:
        return
    with connection, callers.pop(connection):
        while another and (request := request or asked(lines)):
            (path, another), request = request, None
"""
_WAITS = "        lines.read(1)  # until the other side has closed, too\n"
_RESETS = """        # No TIME_WAIT here.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
"""
_GREET = '''    """What is done with each caller before anybody serves it."""
'''
_SLOW_GREET = f"{_GREET}    time.sleep(0.004)  # look up who it is\n"
_FILES = 64


def _leak(service: Service, draw: Random) -> None:
    service.shop_files = _FILES
    service.edit("shop.py", _SERVE, _LEAKING)
    service.restart("shop.py")
    knock(service, _FILES + draw.randrange(0, 8))


def _mend_leak(service: Service) -> None:
    service.edit("shop.py", _LEAKING, _SERVE)
    service.restart("shop.py")


def _backlog(service: Service, draw: Random) -> None:
    service.edit("shop.py", _GREET, _SLOW_GREET)
    service.edit("shop.py", "PERSISTENT = True", "PERSISTENT = False")
    if draw.random() < 0.5:
        service.edit("shop.py", "BACKLOG = 128", f"BACKLOG = {draw.randrange(1, 3)}")
    else:
        service.sysctl(service.bed.backend, somaxconn=draw.randrange(1, 3))
    service.restart("shop.py")


def _longer_backlog(service: Service) -> None:
    text = service.path("shop.py").read_text()
    lines = ["BACKLOG = 128" if line.startswith("BACKLOG = ") else line for line in text.splitlines()]
    service.path("shop.py").write_text("\n".join([*lines, ""]))
    service.sysctl(service.bed.backend, somaxconn=4096)
    service.restart("shop.py")


def _more_sockets(service: Service) -> None:
    service.sysctl(service.bed.backend, somaxconn=4096, tcp_max_syn_backlog=4096)


def _abort(service: Service, draw: Random) -> None:
    del draw
    service.edit("shop.py", "PERSISTENT = True", "PERSISTENT = False")
    service.edit("shop.py", _WAITS, _RESETS)
    service.restart("shop.py")


def _mend_abort(service: Service) -> None:
    service.edit("shop.py", _RESETS, "")
    service.restart("shop.py")


KINDS = (
    Kind(
        "leak",
        ("backend",),
        "connections leak",
        "probes",
        ALONE,
        _leak,
        _mend_leak,
        (
            Wrong(lambda service: service.restart("shop.py"), "A restart"),
            Wrong(lambda service: service.sysctl(service.bed.backend, tcp_fin_timeout=1), "no clock"),
        ),
        seen="orders",
    ),
    Kind(
        "backlog",
        ("backend",),
        "backlog overflows",
        "rush",
        frozenset({"shop.py", "pages"}),
        _backlog,
        _longer_backlog,
        (
            Wrong(_more_sockets, "when the program called it"),
            Wrong(lambda service: service.sysctl(service.bed.backend, tcp_abort_on_overflow=1), "refused at once"),
        ),
    ),
    Kind(
        "resets",
        ("backend",),
        "closed by reset",
        "catalogues",
        frozenset({"shop.py", "proxy's ports"}),
        _abort,
        _mend_abort,
        (
            Wrong(longer_reads, "not late"),
            Wrong(lambda service: service.restart("shop.py"), "A restart"),
        ),
    ),
)
