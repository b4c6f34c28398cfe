"""A world ends with its owner: with the process, however it ends, and not with a thread or a child of it."""

import gc
import os
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from connections import connected
from owners import alive, all_gone, owner, parts_of
from tcplab import Testbed, wait_until

UP = """
import os, signal, sys, threading, time
from tcplab import Testbed
def come_up():
    global bed
    bed = Testbed.two_hosts().up()
    bed.client.start(["sleep", "1000"])
    bed.server.start(["sh", "-c", "setsid sleep 1000 & sleep 1000"])
    bed.server.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"])
    bed.server.run(["ip", "netns", "add", "inner"])
"""
IN_MAIN = UP + "come_up(); print('ready', flush=True); time.sleep(1000)"
IN_A_FINISHED_THREAD = UP + (
    "thread = threading.Thread(target=come_up); thread.start(); thread.join(); print('ready', flush=True)\n"
    "time.sleep(1000)"
)
WITH_A_CHILD = UP + (
    "come_up(); child = os.fork()\n"
    "if not child: time.sleep(20); os._exit(0)\n"
    "print('ready', flush=True); time.sleep(1000)"
)


def whole(pid):
    """All processes of the world of UP, from when the shell has started its own: unshare, init, three parts, four."""
    wait_until(lambda: len(parts_of(pid)) >= 9, within_s=20, what="the programs in it")
    return parts_of(pid)


@pytest.mark.parametrize("script", [IN_MAIN, IN_A_FINISHED_THREAD, WITH_A_CHILD], ids=["main", "thread", "child"])
def test_kill_9_leaves_nothing(script):
    """The owner is killed: its world's processes are gone, those that hid in sessions of their own too."""
    with owner(script) as process:
        parts = whole(process.pid)
        children = {int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()}
        process.kill()
        assert all_gone(parts)
        for child in alive(children - parts):
            os.kill(child, signal.SIGKILL)
            all_gone({child})


def test_an_owner_that_ends_leaves_nothing():
    """A script that forgets down() and ends, well or by an exception."""
    for end in ("", "raise SystemExit(3)", "1 / 0", "os._exit(0)"):
        script = UP + f"come_up(); print('ready', flush=True); sys.stdin.readline(); {end}"
        with owner(script) as process:
            parts = whole(process.pid)
            process.communicate("go\n", timeout=20)
            assert all_gone(parts)


def test_a_finished_thread_takes_nothing_along():
    """A world made in a thread stays when the thread has ended, and works from another."""
    made = []
    thread = threading.Thread(target=lambda: made.append(Testbed.two_hosts().up(name="thread")))
    thread.start()
    thread.join()
    (bed,) = made
    try:
        with connected(bed):
            assert bed.client.run(["echo", "well"]).stdout == "well\n"
    finally:
        bed.down()


def test_a_forked_child_cannot_harm_it(bed):
    """A child of the owner is told that the bed is not its own, and its down() and its end change nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12: fork in a process with threads
        child = os.fork()
    if child == 0:
        told = 1
        try:
            bed.client.run(["true"])
        except Exception as error:  # noqa: BLE001
            told = 0 if "forked child" in str(error) else 2
        bed.down()
        os._exit(told)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    with connected(bed):
        assert bed.client.run(["echo", "well"]).stdout == "well\n"


def test_a_child_that_lives_on_does_not_keep_it():
    """down() ends the world, and nobody has to insist, although a forked child has all of its descriptors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with Testbed.two_hosts() as bed:
            parts, first = parts_of(os.getpid()), bed._world._process
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
    try:
        assert first.returncode == 0  # and not -9
        assert all_gone(parts)
        assert child in alive({child})
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_nothing_is_written_to_disk(tmp_path):
    """No file appears in the temporary folders, in the home, or where it runs."""
    home = tmp_path / "home"
    home.mkdir()
    script = "from tcplab import Testbed\nwith Testbed.two_hosts() as bed: bed.client.run(['true'])"
    subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=home,
        check=True,
    )
    assert list(home.iterdir()) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what an interrupt dropped on the floor
def test_an_interrupt_while_it_comes_up_leaves_nothing():
    """Twenty interrupts during up(): each leaves no process and no descriptor."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    seen = set()

    def interrupted(after_s):
        threading.Timer(after_s, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()
        while True:
            with Testbed.two_hosts():
                seen.update(parts_of(os.getpid()))

    for moment in range(20):
        with pytest.raises(KeyboardInterrupt):
            interrupted(0.002 + moment * 0.003)
    assert all_gone(seen | parts_of(os.getpid()))
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
