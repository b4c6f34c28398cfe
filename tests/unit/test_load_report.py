"""What ab prints is read to the last figure, and a line that is not known is refused."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tcplab.errors import UnexpectedOutput
from tcplab.model.load_report import Failures, LoadReport, Spread
from tcplab.traffic.ab import complaint, median_ms, parse

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
NAMES = sorted(path.stem.removeprefix("ab-") for path in RECORDED.glob("ab-*.txt"))
REPORT = re.compile(
    r"^(Server|Document|Concurr|Time|Compl|Failed|Non|Keep|Total|HTML|Requests|Transfer)[^:]*:", re.MULTILINE
)


def text(name: str) -> str:
    """A recorded report."""
    return (RECORDED / f"ab-{name}.txt").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_report_is_read(name: str) -> None:
    """ab 2.3 of Debian 12, in seven situations."""
    report = parse(text(name), argv=("ab",))
    assert report.server_software == "nginx"
    assert (report.server_hostname, report.server_port, report.argv) == ("proxy", 80, ("ab",))
    assert f"Requests per second:    {report.requests_per_s:.2f} [#/sec]" in text(name)
    assert f"Time per request:       {report.time_per_request_ms:.3f} [ms] (mean)\n" in text(name)
    assert f"{report.time_between_requests_ms:.3f} [ms] (mean, across all" in text(name)
    assert f"Transfer rate:          {report.received_kbytes_per_s:.2f} [Kbytes/sec]" in text(name)


def test_figures_of_a_load_that_went_well() -> None:
    """Ten at a time: each figure stands where ab printed it."""
    report = parse(text("plain"))
    assert (report.document_path, report.document_length_bytes, report.concurrency) == ("/hello", 52, 10)
    assert (report.complete_requests, report.failed_requests, report.failures) == (300, 0, Failures())
    assert (report.persistent_requests, report.html_transferred_bytes) == (None, 300 * 52)
    assert report.answered_well
    assert list(report.percentiles_ms) == [50, 66, 75, 80, 90, 95, 98, 99, 100]
    assert report.total is not None
    assert report.percentiles_ms[100] == report.total.max_ms
    assert report.time_per_request_ms == pytest.approx(10 * report.time_between_requests_ms, rel=0.01)


def test_persistent_requests_are_counted_only_where_they_were_asked_for() -> None:
    """`-k` adds a line."""
    assert parse(text("persistent")).persistent_requests == 300
    assert "300 left their connection open" in repr(parse(text("persistent")))


def test_bodies_of_another_length_fail_and_with_l_do_not() -> None:
    """The blog's 10 "failed" requests are complete answers, a little shorter than the first."""
    report = parse(text("length"))
    assert report.failures == Failures(length=report.failed_requests)
    assert report.failed_requests > 0
    assert not report.answered_well
    assert 34 * 3000 - report.html_transferred_bytes == 3 * report.failed_requests
    assert f"{report.failed_requests} failed (length: {report.failed_requests})" in repr(report)
    variable = parse(text("variable"))
    assert (variable.document_length_bytes, variable.failed_requests) == (None, 0)


def test_answers_that_are_errors_are_complete_and_counted() -> None:
    """ab does not call a 502 failed: look at non_2xx_responses."""
    for name in ("non-2xx", "dead-backend"):
        report = parse(text(name))
        assert (report.complete_requests, report.failed_requests, report.non_2xx_responses) == (50, 0, 50)
        assert not report.answered_well
        assert repr(report).endswith("; 50 not answered by 2xx")


def test_one_request_has_no_percentiles() -> None:
    """ab leaves the table away."""
    report = parse(text("one"))
    assert report.percentiles_ms == {}
    assert report.total == Spread(report.total.min_ms, report.total.mean_ms, 0.0, report.total.median_ms, 16)  # type: ignore[union-attr]
    assert repr(report).startswith("1 request, 1 at a time, ")


def test_lines_that_only_some_loads_have() -> None:
    """A body sent, write errors, no server name, and ab's own doubts."""
    said = text("plain").replace("nginx\n", "\n").replace("HTML", "Total body sent:        4711\nHTML", 1)
    said = said.replace("Non-2xx", "").replace("Total transferred", "Write errors:           2\nTotal transferred")
    said = said.replace(
        "[Kbytes/sec] received\n",
        "[Kbytes/sec] received\n                        1.50 kb/s sent\n                        2.50 kb/s total\n",
    )
    doubts = (
        "WARNING: The median and mean for the waiting time are not within a normal deviation\n"
        "        These results are probably not that reliable.\n"
        "ERROR: The median and mean for the total time are more than twice the standard\n"
        "       deviation apart. These results are NOT reliable.\n"
    )
    said = re.sub(r"(WARNING|ERROR): .*\n.*\n", "", said).replace("\nPercentage", doubts + "\nPercentage")
    report = parse(said)
    assert (report.server_software, report.body_sent_bytes, report.write_errors) == ("", 4711, 2)
    assert (report.sent_kbytes_per_s, report.both_ways_kbytes_per_s) == (1.5, 2.5)
    assert [remark[-9:] for remark in report.remarks] == ["reliable.", "reliable."]
    assert "2 not sent" in repr(report)


@given(st.sampled_from(NAMES), st.integers(0, 60), st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_no_line_is_skipped(name: str, at: int, strange: str) -> None:
    """A line put in anywhere is refused, unless it is empty or ab's own."""
    lines = text(name).splitlines()
    lines.insert(at % len(lines), f"Tea: {strange}")
    with pytest.raises(UnexpectedOutput, match="Tea"):
        parse("\n".join(lines))


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_missing_or_twice_is_refused(name: str) -> None:
    """Each of the figures that ab always prints."""
    lines = text(name).splitlines()
    for at, line in enumerate(lines):
        if REPORT.match(line):
            with pytest.raises(UnexpectedOutput):
                parse("\n".join([*lines[:at], line, *lines[at:]]))
            if not re.match("Non|Keep|Requests|Time per|Transfer|Total:", line):
                with pytest.raises(UnexpectedOutput):
                    parse("\n".join([*lines[:at], *lines[at + 1 :]]))


@pytest.mark.parametrize("said", ["", "ab: Permission denied", "Complete requests:      many"])
def test_what_is_no_report_is_refused(said: str) -> None:
    """Nothing, something else, a word where a number belongs."""
    with pytest.raises(UnexpectedOutput):
        parse(said)


def test_complaint_without_progress_and_usage() -> None:
    """What ab gave up for, and nothing else."""
    said = "ab: Cannot use concurrency level greater than total number of requests\nUsage: ab [options]\nOptions are:\n"
    assert complaint(said) == "ab: Cannot use concurrency level greater than total number of requests"
    assert complaint("Completed 100 requests\n") == ""


def test_the_median_to_the_microsecond() -> None:
    """The middle line of what `ab -e` writes."""
    assert median_ms("Percentage served,Time in ms\n0,0.1\n49,0.120\n50,0.123\n51,0.125\n") == 0.123
    for other in ("", "50,many\n", "Percentage served,Time in ms\n"):
        with pytest.raises(UnexpectedOutput, match="ab -e"):
            median_ms(other)


def test_a_report_is_a_value() -> None:
    """Two readings of the same text are equal."""
    assert parse(text("plain")) == parse(text("plain"))
    assert isinstance(parse(text("plain")), LoadReport)
