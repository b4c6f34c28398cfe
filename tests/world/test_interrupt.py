"""An interrupted cell (^C, the kernel's stop button) ends what it ran, and the bed works on."""

import os
import signal
import threading
from collections.abc import Callable

import pytest
from connections import connected
from owners import parts_of
from tcplab import wait_until

pytestmark = pytest.mark.by_anyone


class Interrupting(threading.Thread):
    """Sends SIGINT to the main thread once a condition holds."""

    def __init__(self, when: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._when = when
        self._main = threading.main_thread().ident
        self.start()

    def run(self) -> None:
        """Wait, and interrupt."""
        wait_until(self._when, within_s=10, what="the moment of the interrupt")
        signal.pthread_kill(self._main, signal.SIGINT)


def runs_in(host, words):
    """Whether a program with these words in its command line runs in a host."""
    return words in host.run(["ps", "-eww", "-o", "args"]).stdout


def test_during_run(bed, tmp_path):
    """The program is killed, with its children; the next one runs."""
    there = tmp_path / "there"
    thread = Interrupting(there.exists)
    with pytest.raises(KeyboardInterrupt):
        bed.client.run(["sh", "-c", f"sleep 34567 & touch {there}; sleep 34567"])
    thread.join()
    wait_until(lambda: not runs_in(bed.client, "34567"), within_s=5)  # killed at once, and gone one after the other
    with connected(bed):
        pass


def test_during_connect_with_a_held_syn(calm):
    """connect() that nobody answers ends at once; released afterwards, its SYN finds nobody who wants it."""
    with calm.server.listen(80) as listener, calm.wire.hold(flags="S") as held:
        thread = Interrupting(lambda: held.waiting)
        with pytest.raises(KeyboardInterrupt):
            calm.client.connect(calm.server, 80)
        thread.join()
        held.discard()
        held.remove()
        with calm.client.connect(calm.server, 80) as mine:
            theirs, _ = listener.accept()
            mine.sendall(b"well")
            assert theirs.recv(4) == b"well"
            theirs.close()


def test_during_a_function_in_a_host(bed, tmp_path):
    """What python() runs ends with the cell."""
    there = tmp_path / "there"
    thread = Interrupting(there.exists)

    def hang(path):
        import pathlib
        import time

        pathlib.Path(path).touch()
        time.sleep(1000)

    with pytest.raises(KeyboardInterrupt):
        bed.client.python(hang, str(there))
    thread.join()
    programs = bed.client.run(["ps", "-eww", "-o", "args"]).stdout.splitlines()
    assert [words for words in programs if "python" in words and "tcplab-world" not in words] == []
    assert bed.client.python(lambda: 7) == 7


def test_at_any_moment(bed):
    """Whatever sixty interrupts hit, no program is left running, no rule in force, and all is well."""

    def interrupted(after_s):
        threading.Timer(after_s, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()
        while True:
            bed.client.socket().close()
            with bed.wire.hold():
                bed.client.run(["sleep", "56789"])

    for moment in range(60):
        with pytest.raises(KeyboardInterrupt):
            interrupted(0.001 + moment * 0.0001)
        assert bed.client.run(["echo", str(moment)]).stdout == f"{moment}\n"
        assert not runs_in(bed.client, "56789")
    with connected(bed) as pair:  # no hold is left
        pair.mine.sendall(b"x")
        assert pair.theirs.recv(1) == b"x"


def test_the_world_is_in_a_session_of_its_own(bed):
    """^C in a terminal signals the owner's process group: no part of a world is in it, nor in its session."""
    with bed.client.start(["sleep", "45678"]):
        parts = parts_of(os.getpid())
        assert len(parts) >= 5
        assert {os.getsid(pid) for pid in parts}.isdisjoint({os.getsid(0)})
