"""curl in a host: one request, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.world.host import Host


@dataclass(frozen=True, slots=True)
class Answer:
    """What curl got: its exit code, the HTTP status, the body, and what it complained of.

    status is None where no response came; message is empty where curl was content.
    """

    argv: tuple[str, ...]
    exit_code: int
    status: int | None
    body: str
    message: str

    def __repr__(self) -> str:
        if self.status is None:
            return self.message or f"curl: ({self.exit_code})"
        return f"HTTP status {self.status}, {len(self.body.encode())} bytes"


def curl(host: Host, url: str, *options: str, expect: Sequence[int] | None = (0,), within_s: float = 60) -> Answer:
    r"""Request a URL from a host, as the program curl does.

    Args:
        host: Where curl runs; the names `client`, `server`, … are known there.
        url: Such as "http://server/hello".
        options: curl's own: "--http1.0", "-H", "Connection: close".
        expect: Exit codes that are no failure; (0, 7) where "couldn't connect" is the lesson, None for all.
        within_s: Bound on the whole run, seconds.

    Raises:
        CommandFailed: curl ended with another exit code.

    >>> curl(bed.client, "http://server/", expect=(0, 7)).exit_code    # doctest: +SKIP
    0
    """
    argv = ["curl", "--silent", "--show-error", "--write-out", r"\n%{http_code}", *options, url]
    done = host.run(argv, expect=expect, within_s=within_s)
    body, _, code = done.stdout.rpartition("\n")
    status = int(code) if code.isdigit() and code != "000" else None
    return Answer(done.argv, done.exit_code, status, body, done.stderr.strip())
