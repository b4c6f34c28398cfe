"""A save that is cut off by kill -9 leaves nothing, not even a hidden file."""

import errno
import os
import signal

import pytest
from connections import connected
from owners import owner
from tcplab.wire.whole import whole

IN_THE_MIDDLE = """
import sys, time
from pathlib import Path
from tcplab.wire.whole import whole

with whole(Path(sys.argv[1])) as file:
    file.write(b"half of it" * 10_000)
    file.flush()
    print("ready", flush=True)
    time.sleep(1000)
"""


def test_kill_9_in_the_middle_leaves_nothing(tmp_path):
    """Until it is whole the file has no name."""
    with owner(IN_THE_MIDDLE, arguments=[str(tmp_path / "close.pcap")]) as process:
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path):
    """The same, with a file that was to be replaced."""
    path = tmp_path / "close.pcap"
    path.write_bytes(b"before")
    with owner(IN_THE_MIDDLE, arguments=[str(path)]) as process:
        process.kill()
        process.wait(10)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("close.pcap", b"before")]


@pytest.mark.parametrize("refusal", [errno.EOPNOTSUPP, errno.EISDIR])
def test_a_file_system_without_nameless_files(bed, tmp_path, monkeypatch, refusal):
    """There a hidden name is used meanwhile; the file is the same, and a failure leaves nothing."""
    opened = os.open

    def refuse(path, flags, *more, **named):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(refusal, os.strerror(refusal))
        return opened(path, flags, *more, **named)

    with connected(bed):
        named = bed.wire.save(tmp_path / "named.pcap")
        monkeypatch.setattr(os, "open", refuse)
        hidden = bed.wire.save(tmp_path / "hidden.pcap")
    assert hidden.read_bytes() == named.read_bytes()
    assert hidden.stat().st_mode == named.stat().st_mode
    with pytest.raises(RuntimeError), whole(tmp_path / "failed.pcap"):
        raise RuntimeError
    assert {each.name for each in tmp_path.iterdir()} == {"named.pcap", "hidden.pcap"}


def test_whoever_saved_it_may_show_it_around(tmp_path):
    """Readable for all, whatever the umask; named as long as a name may be."""
    before = os.umask(0o077)
    try:
        for _ in range(2):  # the second replaces the first
            with whole(tmp_path / ("x" * 255)) as file:
                file.write(b"whole")
    finally:
        os.umask(before)
    assert [(len(each.name), oct(each.stat().st_mode & 0o777)) for each in tmp_path.iterdir()] == [(255, "0o644")]
