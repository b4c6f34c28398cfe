"""ab, ApacheBench, in a host: load on a web server, and what ab reports of it, read strictly."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from tcplab.errors import BadValue, CommandFailed, ToolMissing, UnexpectedOutput
from tcplab.model.load_report import Failures, LoadReport, Spread
from tcplab.world.host import Host

_LARGEST = 10_000_000
_FEW = 10  # ab's index of the median points behind the last of 1 or 2 requests
_numbers = count(1)
_URL = re.compile(r"http://[^/\s]+/\S*")

# What precedes the report; progress goes to standard error.
_PREAMBLE = re.compile(
    r"This is ApacheBench, Version .*|Copyright 1996 .*|Licensed to .*"
    r"|Benchmarking .*\(be patient\)(\.{3}(\.\.done)?)?|\.\.done|Send request failed!"
)
_LINES: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    (r"Server Software: +(.*)|Server Software:", "server_software", str),
    (r"Server Hostname: +(\S+)", "server_hostname", str),
    (r"Server Port: +(\d+)", "server_port", int),
    (r"Document Path: +(\S+)", "document_path", str),
    (r"Document Length: +(?:(\d+) bytes|Variable)", "document_length_bytes", int),
    (r"Concurrency Level: +(\d+)", "concurrency", int),
    (r"Time taken for tests: +(\d+(?:\.\d+)?) seconds", "time_taken_s", float),
    (r"Complete requests: +(\d+)", "complete_requests", int),
    (r"Failed requests: +(\d+)", "failed_requests", int),
    (r"Write errors: +(\d+)", "write_errors", int),
    (r"Non-2xx responses: +(\d+)", "non_2xx_responses", int),
    (r"Keep-Alive requests: +(\d+)", "persistent_requests", int),
    (r"Total transferred: +(\d+) bytes", "total_transferred_bytes", int),
    (r"Total body sent: +(\d+)", "body_sent_bytes", int),
    (r"HTML transferred: +(\d+) bytes", "html_transferred_bytes", int),
    (r"Requests per second: +(\d+(?:\.\d+)?) \[#/sec\] \(mean\)", "requests_per_s", float),
    (r"Time per request: +(\d+(?:\.\d+)?) \[ms\] \(mean\)", "time_per_request_ms", float),
    (
        r"Time per request: +(\d+(?:\.\d+)?) \[ms\] \(mean, across all concurrent requests\)",
        "time_between_requests_ms",
        float,
    ),
    (r"Transfer rate: +(\d+(?:\.\d+)?) \[Kbytes/sec\] received", "received_kbytes_per_s", float),
    (r" +(\d+(?:\.\d+)?) kb/s sent", "sent_kbytes_per_s", float),
    (r" +(\d+(?:\.\d+)?) kb/s total", "both_ways_kbytes_per_s", float),
)
_PATTERNS = tuple((re.compile(pattern), name, kind) for pattern, name, kind in _LINES)
_NEEDED = (*(name for _, name, _ in _LINES[:9]), "total_transferred_bytes", "html_transferred_bytes")
_FAILURES = re.compile(r" +\(Connect: (\d+), Receive: (\d+), Length: (\d+), Exceptions: (\d+)\)")
_SPREAD = re.compile(r"(Connect|Processing|Waiting|Total): +(\d+) +(\d+) +(\d+(?:\.\d+)?) +(\d+) +(\d+)")
_PERCENTILE = re.compile(r" +(\d+)% +(\d+)(?: \(longest request\))?")
_REMARK = re.compile(r"(?:WARNING|ERROR): The median and mean for .*")
_REMARK_GOES_ON = re.compile(r" +(?:deviation apart\. )?These results are .*")
_HEADING = re.compile(
    r"Connection Times \(ms\)| +min  mean\[\+/-sd\] median   max"
    r"|Percentage of the requests served within a certain time \(ms\)"
)


def ab(
    host: Host,
    url: str,
    *options: str,
    requests: int = 1000,
    concurrency: int = 1,
    persistent: bool = False,
    within_s: float = 120.0,
) -> LoadReport:
    """Send requests from a host, as the program ab does, and return what it reports.

    What it runs is `ab -n … -c … URL`, with `-e` on top: ab prints whole milliseconds, and writes finer ones there.
    ab speaks HTTP/1.0: without `persistent` each request has a connection of its own, and the server closes it.

    Args:
        host: Where ab runs; the names `proxy`, `backend`, … are known there.
        url: Such as "http://proxy/hello"; with a path, which ab insists on.
        options: ab's own: "-l" (bodies may differ in length), "-H", "X-From: lab".
        requests: In all, 1 to 10,000,000.
        concurrency: So many at once, at most as many as requests.
        persistent: Whether to ask for a persistent connection (`-k`).
        within_s: Bound on the whole run, seconds.

    Raises:
        BadValue: No requests, more at once than in all, or no http URL with a path.
        ToolMissing: There is no ab here.
        CommandFailed: ab gave up, with what it says: `exit_code` is the errno of a connection that was refused (111)
            or reset (104), or of ports that ran out (99).
        UnexpectedOutput: ab printed something that this does not know.
        NotReady: It did not end in time.

    Source: ab(1). Limit: it gives up at the first connection that is refused or reset (`-r` lets it go on).

    >>> ab(bed.client, "http://proxy/hello", requests=1000, concurrency=10)    # doctest: +SKIP
    1,000 requests, 10 at a time, 2.417 ms each
    """
    if type(requests) is not int or not 1 <= requests <= _LARGEST:
        raise BadValue("requests", requests, f"a whole number from 1 to {_LARGEST:,}")
    if type(concurrency) is not int or not 1 <= concurrency <= requests:
        raise BadValue("concurrency", concurrency, f"a whole number from 1 to requests, here {requests}")
    if not _URL.fullmatch(url):
        raise BadValue("url", url, 'an address with a path, such as "http://proxy/hello"')

    table = f"{host.scratch}/ab-{next(_numbers)}.csv"
    argv = ["ab", "-n", str(requests), "-c", str(concurrency), *(["-k"] if persistent else []), *options]
    argv += ["-e", table, url]
    host.run(["mkdir", "-p", str(host.scratch)])
    try:
        done = host.run(argv, within_s=within_s, expect=None)
    except ToolMissing:
        raise ToolMissing("ab", "apache2-utils") from None
    if done.exit_code:
        mend = f"Try one request: curl -v {url} (in {host.name})."
        raise CommandFailed(done.argv, done.exit_code, f"{complaint(done.stderr)}.", mend=mend)
    report = parse(done.stdout, argv=done.argv)
    if report.complete_requests < _FEW:
        return report
    return replace(report, median_ms=median_ms(host.read(table)))


def complaint(stderr: str) -> str:
    r"""Return why ab gave up, without its progress and its page of usage.

    >>> complaint("Completed 100 requests\nCompleted 200 requests\napr_socket_recv: Connection reset by peer (104)")
    'apr_socket_recv: Connection reset by peer (104)'
    """
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    kept = [line for line in lines if not re.match(r"(Completed|Finished) \d+ requests", line)]
    usage = next((at for at, line in enumerate(kept) if line.startswith("Usage:")), len(kept))
    return "\n".join(kept[:usage])


def parse(text: str, *, argv: tuple[str, ...] = ()) -> LoadReport:
    """Read what ab printed.

    Raises:
        UnexpectedOutput: A line that is not known, one that comes twice, or one that is missing.
    """
    found: dict[str, Any] = {}
    percentiles: dict[int, int] = {}
    remarks: list[str] = []
    for line in text.splitlines():
        if not line.strip() or _PREAMBLE.fullmatch(line.strip()) or _HEADING.fullmatch(line):
            continue
        if match := _PERCENTILE.fullmatch(line):
            percentiles[int(match[1])] = int(match[2])
        elif _REMARK.fullmatch(line):
            remarks.append(line)
        elif remarks and _REMARK_GOES_ON.fullmatch(line):
            remarks[-1] += f" {line.strip()}"
        else:
            name, value = _figure(line)
            if name in found:
                raise UnexpectedOutput("ab", line)
            found[name] = value

    for name in _NEEDED:
        if name not in found:
            raise UnexpectedOutput("ab", f"nothing of {name.replace('_', ' ')}")
    return LoadReport(**found, percentiles_ms=percentiles, remarks=tuple(remarks), argv=argv)


def median_ms(table: str) -> float:
    """Read the middle line of the file that `ab -e` writes: the time within which half of the requests were served.

    Raises:
        UnexpectedOutput: There is none.
    """
    for line in table.splitlines():
        if match := re.fullmatch(r"50,(\d+\.\d+)", line):
            return float(match[1])
    raise UnexpectedOutput("ab -e", table[:80])


def _figure(line: str) -> tuple[str, Any]:
    """Return the name of a line's figure, and its value."""
    if match := _FAILURES.fullmatch(line):
        return "failures", Failures(*map(int, match.groups()))
    if match := _SPREAD.fullmatch(line):
        low, mean, deviation, middle, high = match.groups()[1:]
        return match[1].lower(), Spread(int(low), int(mean), float(deviation), int(middle), int(high))
    for pattern, name, kind in _PATTERNS:
        if match := pattern.fullmatch(line.rstrip()):
            return name, kind(match[1] or "") if match[1] is not None or kind is str else None
    raise UnexpectedOutput("ab", line)
