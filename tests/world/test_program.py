"""A learner's program in a host: started under its limit, replaced, mended, visited."""

from pathlib import Path

import pytest
from tcplab import sockets, wait_until
from tcplab.errors import BadValue, CommandFailed
from tcplab.model.trial import Trial
from tcplab.traffic.program import SHIPPED, Program
from tcplab.traffic.visits import receipt, visited

HELLO = "5 bytes, CRC-32 3610a686"


@pytest.fixture
def receipts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Program("receipts.py")


def test_it_serves_as_a_process_of_its_own(bed, receipts):
    """Its socket is held by python3, it holds four descriptors, and it answers."""
    running = receipts.start(bed.server, 4000)
    assert repr(running) == "receipts.py on server, port 4000"
    assert [one.process for one in sockets(bed.server, processes=True)] == ["python3"]
    assert running.descriptors == 4
    assert receipt(bed.client, bed.server, 4000, b"hello") == HELLO


def test_a_second_start_replaces_the_first(bed, receipts):
    """The port is free again, and the first has ended."""
    first = receipts.start(bed.server, 4000)
    second = receipts.start(bed.server, 4000)
    assert first.exit_code is not None
    assert (first.descriptors, second.descriptors) == (0, 4)


def test_the_limit_holds(bed, receipts):
    """With ten descriptors six visitors who ask for nothing are enough."""
    running = receipts.start(bed.server, 4000, open_files=10)
    for _ in range(7):
        bed.client.connect(bed.server, 4000).close()
    wait_until(lambda: "Too many open files, 6 sessions" in running.last_words, within_s=5, what="EMFILE")


def test_one_that_does_not_come_up_says_why(bed, tmp_path, monkeypatch):
    """The error holds the last line of what it said."""
    monkeypatch.chdir(tmp_path)
    Path("broken.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(CommandFailed, match="No module named 'nothing_of_that_name'"):
        Program("broken.py").start(bed.server, 4000)


def test_it_ends_with_its_world(bed, receipts):
    """Stopping a program whose world is down is no error."""
    running = receipts.start(bed.server, 4000)
    bed.down()
    running.stop()


def test_your_own_file_is_kept(receipts, capsys):
    """A changed file of that name is put aside, an unchanged one is not."""
    Program("receipts.py")
    assert capsys.readouterr().out == ""
    receipts.path.write_text("mine = 1\n")
    Program("receipts.py")
    assert Path("receipts-yours.py").read_text() == "mine = 1\n"
    assert receipts.path.read_bytes() == (SHIPPED / "receipts.py").read_bytes()


def test_no_such_program(tmp_path):
    """What there is, is said."""
    with pytest.raises(BadValue, match=r"receipts\.py, or a file of your own"):
        Program(tmp_path / "absent.py")


def test_a_function_takes_anothers_place(receipts, capsys):
    """The copy has it, the rest is the same, and the difference is printed."""

    def receive(connection):
        return connection.recv(1)

    mended = receipts.with_function(receive, "mended.py")
    text = Path("mended.py").read_text()
    assert "    return connection.recv(1)\n\n\ndef serve(" in text
    assert repr(mended) == "mended.py"
    assert "+    return connection.recv(1)" in capsys.readouterr().out


def test_an_empty_function_changes_nothing(receipts, capsys):
    """Three dots are nobody's repair: no file, no visitors."""

    def serve(connection, peer): ...

    assert receipts.with_function(serve, "mended.py") is None
    assert not Path("mended.py").exists()
    assert visited(None, None, None, port=9000) is ...
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("given", [test_no_such_program, len, "serve", 7])
def test_only_a_function_of_the_program_is_replaced(receipts, given):
    """Another name, or a function without source, is refused with the names that there are."""
    with pytest.raises(BadValue, match="receive, serve"):
        receipts.with_function(given, "mended.py")


LEAKY = (SHIPPED / "receipts.py").read_text()
TRIED = {
    "as shipped": (LEAKY, 8),
    "one more close": (LEAKY.replace("        return\n", "        sessions.pop(peer).close()\n        return\n"), 3),
    "with": (LEAKY.replace("    sessions[peer] = connection\n", "    with connection:\n        answer(connection)\n\n\n"
                           "def answer(connection):\n    peer = 0\n    sessions[peer] = connection\n"), 0),
}  # fmt: skip


@pytest.mark.parametrize(("text", "left"), TRIED.values(), ids=TRIED)
def test_visitors_leave_what_the_program_forgets(bed, tmp_path, text, left):
    """Each probe and each cut upload costs a descriptor where its way out has no close; every customer is served."""
    path = tmp_path / "mended.py"
    path.write_text(text)
    trial = visited(Program(path), bed.client, bed.server, port=9000)
    assert isinstance(trial, Trial)
    assert (trial.left_open, trial.exit_code) == (left, None)
    assert (trial.visitors, trial.probes, trial.resets) == (12, 5, 3)
    assert trial.receipts[0] == HELLO
    assert None not in trial.receipts


def test_visits_to_one_that_does_not_start(bed, tmp_path):
    """A trial, not an error: there is a verdict for it."""
    path = tmp_path / "mended.py"
    path.write_text("this is no Python\n")
    trial = visited(Program(path), bed.client, bed.server, port=9000)
    assert isinstance(trial, Trial)
    assert not trial.customers
    assert "SyntaxError" in trial.last_words
