"""What ab, ApacheBench, reports of a load: every figure that it prints, under the name of the field."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spread:
    """A line of ab's "Connection Times": milliseconds; all but sd_ms are rounded to whole ones by ab."""

    min_ms: int
    mean_ms: int
    sd_ms: float
    median_ms: int
    max_ms: int


@dataclass(frozen=True, slots=True)
class Failures:
    """Why ab calls requests failed.

    `length` are answers whose body is not as long as the first one's, which is no failure where bodies may differ
    (ab(1), `-l`). A connection that is refused ends ab, so it is not counted here.
    """

    connect: int = 0
    receive: int = 0
    length: int = 0
    exceptions: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class LoadReport:
    """What `ab` prints at its end; None is what it does not print.

    Args:
        document_length_bytes: of the first answer's body; None with `-l`, where ab says "Variable"
        time_taken_s: for all requests together
        failed_requests: see Failures; answers such as 502 are complete, and counted in non_2xx_responses
        persistent_requests: "Keep-Alive requests": with `-k`, those after which the connection stayed open
        total_transferred_bytes: read from the network, headers and bodies
        html_transferred_bytes: bodies alone
        time_per_request_ms: as long as one request takes on average, where `concurrency` are under way at once
        time_between_requests_ms: "mean, across all concurrent requests": time taken, over complete requests
        percentiles_ms: percentage → so many of the requests were served within that time
        median_ms: half of the requests took no longer, to the µs; ab writes it into a file (`-e`)
        remarks: ab's own warnings on how far mean and median agree
        argv: the command

    Source: ab(1); the figures in order of `output_results()` in Apache's support/ab.c, 2.4.
    """

    server_software: str
    server_hostname: str
    server_port: int
    document_path: str
    document_length_bytes: int | None
    concurrency: int
    time_taken_s: float
    complete_requests: int
    failed_requests: int
    total_transferred_bytes: int
    html_transferred_bytes: int
    failures: Failures = Failures()
    write_errors: int = 0
    non_2xx_responses: int = 0
    persistent_requests: int | None = None
    body_sent_bytes: int | None = None
    requests_per_s: float | None = None
    time_per_request_ms: float | None = None
    time_between_requests_ms: float | None = None
    received_kbytes_per_s: float | None = None
    sent_kbytes_per_s: float | None = None
    both_ways_kbytes_per_s: float | None = None
    connect: Spread | None = None
    processing: Spread | None = None
    waiting: Spread | None = None
    total: Spread | None = None
    percentiles_ms: Mapping[int, int] = field(default_factory=dict)
    median_ms: float | None = None
    remarks: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()

    @property
    def answered_well(self) -> bool:
        """Whether every request was answered, by 2xx, with as many bytes as the first."""
        return not (self.failed_requests or self.write_errors or self.non_2xx_responses)

    def __repr__(self) -> str:
        each = "" if self.time_per_request_ms is None else f", {self.time_per_request_ms:.3f} ms each"
        requests = f"{self.complete_requests:,} request{'' if self.complete_requests == 1 else 's'}"
        said = [f"{requests}, {self.concurrency} at a time{each}"]
        if self.persistent_requests is not None:
            said.append(f"{self.persistent_requests:,} left their connection open")
        if self.failed_requests:
            kinds = ((name, getattr(self.failures, name)) for name in ("connect", "receive", "length", "exceptions"))
            said.append(f"{self.failed_requests:,} failed ({', '.join(f'{name}: {n:,}' for name, n in kinds if n)})")
        if self.write_errors:
            said.append(f"{self.write_errors:,} not sent")
        if self.non_2xx_responses:
            said.append(f"{self.non_2xx_responses:,} not answered by 2xx")
        return ("; " if len(said) > 1 else "").join([said[0], "; ".join(said[1:])])
