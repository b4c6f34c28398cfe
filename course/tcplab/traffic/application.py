"""A small application behind waitress, a WSGI server: the program that `backend()` runs in a host.

    python application.py --port 8080 --idle 10

/hello      52 bytes, always the same
/slow/200   the same 52 bytes, after 200 ms
/error/503  an answer with that status, 400 to 599
/clock      the time of day as Java writes it: three digits fewer where the last three are 000
/clock/20   the same of a clock that is 000 at every 20th request: 1 to 1000
/asked      what the client asked: its request line and headers

Run by itself, in a host: it imports nothing of tcplab.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

HELLO = b"Hello from the backend. This body is 52 bytes long.\n"
Answer = tuple[str, bytes]
_ticks = count(1)


def answer(path: str, asked: bytes) -> Answer:
    """Return status and body for a path."""
    what, _, how = path.strip("/").partition("/")
    if what == "hello" and not how:
        return "200 OK", HELLO
    if what == "slow" and how.isdigit() and int(how) <= 60_000:
        Event().wait(int(how) / 1000)
        return "200 OK", HELLO
    if what == "error" and how in map(str, range(400, 600)):
        return f"{how} As You Wish", f"You asked for status {how}.\n".encode()
    if what == "clock" and not how:
        return "200 OK", f"It is {java_time(datetime.now())}.\n".encode()  # noqa: DTZ005 (the blog's clock had no zone)
    if what == "clock" and how.isdigit() and 1 <= int(how) <= 1000:
        return "200 OK", f"It is {java_time(ticked(next(_ticks), int(how)))}.\n".encode()
    if what == "asked" and not how:
        return "200 OK", asked
    return "404 Not Found", b"There are /hello, /slow/MS, /error/STATUS, /clock and /asked.\n"


def java_time(moment: datetime) -> str:
    """Write a time as Java's LocalDateTime.toString() does: as few groups of three digits as say it all.

    >>> java_time(datetime(2026, 11, 23, 9, 30, 0, 123456)), java_time(datetime(2026, 11, 23, 9, 30, 0, 123000))
    ('2026-11-23T09:30:00.123456', '2026-11-23T09:30:00.123')
    """
    text = moment.isoformat(timespec="microseconds")
    return text.removesuffix("000") if moment.microsecond else text.removesuffix(".000000")


def ticked(tick: int, every: int) -> datetime:
    """Return the time of day on a clock whose microseconds end in 000 once in so many ticks.

    >>> [ticked(tick, 3).microsecond % 1000 for tick in (1, 2, 3, 4)]
    [1, 2, 0, 1]
    """
    return datetime.now().replace(microsecond=123_000 + tick % every)  # noqa: DTZ005


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer one request (WSGI, PEP 3333)."""
    status, body = answer(environ["PATH_INFO"], environ["tcplab.asked"])
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


class Task(WSGITask):  # type: ignore[misc]  # waitress ships no types
    """A request whose line and headers the application may see."""

    def get_environment(self) -> dict[str, Any]:
        """Add the request line and the headers to what WSGI tells."""
        request = self.request
        lines = [f"{request.command} {request.path} HTTP/{request.version}"]
        lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in request.headers.items()]
        environ: dict[str, Any] = super().get_environment()
        return {**environ, "tcplab.asked": "".join(f"{line}\n" for line in lines).encode()}


class LastTask(Task):
    """A request answered as if it were the connection's last: the backend closes after it."""

    def build_response_header(self) -> bytes:
        """Say "Connection: close", and mean it."""
        self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class PersistentChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that takes request after request, as HTTP/1.1 has it unless somebody says "close"."""

    task_class = Task


class ClosingChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that takes one request."""

    task_class = LastTask


def main() -> int:
    """Serve until somebody ends this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8080, metavar="PORT")
    parser.add_argument("--close", action="store_true", help="close each connection after one answer")
    parser.add_argument("--idle", type=float, default=120.0, metavar="S", help="close a connection that rests so long")
    parser.add_argument("--threads", type=int, default=4, metavar="N", help="answer so many requests at once")
    parser.add_argument("--backlog", type=int, default=1024, metavar="N", help="of listen(2)")
    asked = parser.parse_args()

    logging.getLogger("waitress").setLevel(logging.ERROR)  # that all threads are busy is what a lab may want
    addresses = ["0.0.0.0", *(["[::]"] if Path("/proc/net/if_inet6").exists() else [])]  # noqa: S104 (its own host)
    sockets: dict[int, Any] = {}
    try:
        server = create_server(
            application,
            map=sockets,
            listen=" ".join(f"{address}:{asked.port}" for address in addresses),
            threads=asked.threads,
            backlog=asked.backlog,
            connection_limit=50_000,
            asyncore_use_poll=True,
        )
    except OSError as error:
        print(f"cannot listen on port {asked.port}: {error.strerror}", file=sys.stderr)
        return 1

    # waitress takes whole seconds from a command line, and any number here; it looks for idle connections now and then.
    server.adj.channel_timeout = asked.idle
    server.adj.cleanup_interval = server.adj.asyncore_loop_timeout = min(1.0, asked.idle / 10)
    for listening in sockets.values():
        listening.channel_class = ClosingChannel if asked.close else PersistentChannel
        listening.next_channel_cleanup = 0
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
