"""`%%on HOST` on the real kernel: output as the shell would show it, and nothing left behind."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tcplab import Testbed
from tcplab.notebook.shell import run
from tcplab.notebook.wait import wait_until

pytestmark = pytest.mark.by_anyone


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts() as bed:
        yield bed


def said(bed: Testbed, script: str) -> str:
    """All that a script says on the client."""
    pieces: list[str] = []
    run(bed.client, script, pieces.append)
    return "".join(pieces)


def running(bed: Testbed, words: str) -> int:
    """How many processes of the world have this command line."""
    rows = bed.client.run(["ps", "-eww", "-o", "args"]).stdout.splitlines()
    return rows.count(words)


def test_both_outputs_in_order(bed: Testbed) -> None:
    """What goes to stdout and to stderr stands in the order in which it was said."""
    assert said(bed, "for n in 1 2 3; do echo out $n; echo err $n >&2; done") == "".join(
        f"out {n}\nerr {n}\n" for n in (1, 2, 3)
    )


def test_it_runs_in_the_host(bed: Testbed) -> None:
    """The commands see the host's own devices and names."""
    assert "192.0.2.1/24" in said(bed, "ip -4 -brief address show eth0")
    assert said(bed, "getent ahostsv4 server | head -1").startswith("192.0.2.2 ")


@pytest.mark.parametrize(
    ("script", "last"),
    [
        ("true", ""),
        ("exit 7", "[exit code 7]\n"),
        ("printf unfinished; exit 1", "unfinished\n[exit code 1]\n"),
        ("no_such_program", "bash: line 1: no_such_program: command not found\n[exit code 127]\n"),
        ("kill -9 $$", "[ended by SIGKILL]\n"),
        ("if", "bash: -c: line 2: syntax error: unexpected end of file\n[exit code 2]\n"),
    ],
)
def test_a_failure_is_shown(bed: Testbed, script: str, last: str) -> None:
    """A non-zero exit is a plain last line, on a line of its own."""
    assert said(bed, script) == last


def test_it_streams(bed: Testbed) -> None:
    """A line is shown when it is said, not when the program has ended."""
    pieces: list[str] = []

    def take(piece: str) -> None:
        pieces.append(piece)
        if piece == "first\n":
            bed.client.run(["touch", f"{bed.client.scratch}/seen"])

    run(bed.client, f"echo first; until [ -e {bed.client.scratch}/seen ]; do sleep 0.01; done; echo second", take)
    assert pieces == ["first\n", "second\n"]


def test_a_character_may_come_in_two_pieces(bed: Testbed) -> None:
    """Bytes are decoded as text, whatever the pieces; what is no text does not stop it."""
    assert said(bed, r"printf 'caf\xc3'; sleep 0.1; printf '\xa9 50%%\r100%%\n\xff\n'") == "café 50%\r100%\n\ufffd\n"


def test_what_is_in_the_background_is_not_waited_for(bed: Testbed) -> None:
    """The cell ends with its shell, as a terminal gives its prompt back; the program runs on."""
    assert said(bed, "sleep 3601 & echo started") == "started\n"
    wait_until(lambda: running(bed, "sleep 3601") == 1, within_s=5, what="the program in the background")


def test_a_flood_is_bounded(bed: Testbed) -> None:
    """A notebook file need not hold what nobody reads; the rest is counted."""
    shown = said(bed, "head -c 1500000 /dev/zero | tr '\\0' x")
    assert len(shown) < 1_001_000
    assert shown.endswith("x\n[500,000 more characters not shown]\n")


def test_interrupting_ends_all_that_it_started(bed: Testbed) -> None:
    """Foreground and background, also what ignores ^C; the bed works on."""
    pieces: list[str] = []

    def take(piece: str) -> None:
        pieces.append(piece)
        if "ready" in piece:
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt) as caught:
        run(bed.client, "sleep 3602 & (trap '' INT TERM; sleep 3603) & echo ready; sleep 3604", take)
    assert "".join(pieces) == "ready\n"
    assert vars(caught.value)["_render_traceback_"]() == ["[interrupted: what this cell ran has been ended]"]
    for seconds in (3602, 3603, 3604):
        wait_until(lambda words=f"sleep {seconds}": not running(bed, words), within_s=5, what=f"the end of {seconds}")
    assert said(bed, "echo on") == "on\n"


@pytest.mark.parametrize("editor", ["vi", "vim", "sudo vi", "view"])
def test_an_editor_says_that_a_cell_has_no_keyboard(bed: Testbed, editor: str) -> None:
    """vi would wait for keys for ever; it is refused with the way out, and the next line runs."""
    told = said(bed, f"{editor} /etc/hosts; echo $?")
    assert told == (
        f"{editor.rsplit(maxsplit=1)[-1]}: a cell has no keyboard. Open a terminal in this host (tcplab shell client),"
        " or write the file in Python\n1\n"
    )


def interrupted(bed: Testbed, script: str) -> None:
    """Run a script, and interrupt it once, a moment after it has said something."""
    timers: list[threading.Timer] = []

    def take(_: str) -> None:
        if not timers:
            timers.append(threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)))
            timers[0].start()

    with pytest.raises(KeyboardInterrupt):
        run(bed.client, script, take)


@pytest.mark.skipif(not Path("/usr/bin/vi").exists(), reason="there is no vi on this machine")
def test_an_interactive_program_can_be_interrupted(bed: Testbed, tmp_path: Path) -> None:
    """One that waits for keys all the same, by its full name: ■ ends it, and nothing is left."""
    editing = f"/usr/bin/vi -n -i NONE {tmp_path}/file"  # no swap file, no .viminfo
    interrupted(bed, editing)
    wait_until(lambda: not running(bed, editing), within_s=5, what="the end of vi")
    assert list(tmp_path.iterdir()) == []
    assert said(bed, "echo well") == "well\n"


@pytest.mark.timeout(60)
def test_what_ignores_it_and_goes_on_talking_is_ended(bed: Testbed) -> None:
    """The last words of an interrupted cell are heard for a second at most."""
    interrupted(bed, "trap '' INT; while echo on and on; do :; done")
    assert said(bed, "echo well") == "well\n"
