"""save() writes a whole file or none, and says which and why."""

import subprocess
import sys

import pytest
from connections import connected
from tcplab.errors import SaveFailed

# In a mount namespace of its own: a disk with room for less than the capture.
ON_A_FULL_DISK = """
import os, sys
sys.path.insert(0, {tests!r})
from connections import connected
from tcplab import Testbed
from tcplab.errors import SaveFailed

full, roomy = {full!r}, {roomy!r}
with Testbed.two_hosts() as bed, connected(bed) as pair:
    for _ in range(200):
        pair.mine.sendall(b"x" * 1000)
        pair.theirs.recv(1000)
    try:
        bed.wire.save(full + "/close.pcap")
    except SaveFailed as error:
        print(error.errno, error)
    print(os.listdir(full))
    print(bed.wire.save(roomy + "/close.pcap").stat().st_size > 200_000)
    pair.mine.sendall(b"well")
    print(pair.theirs.recv(4))
"""


def test_a_full_disk(tmp_path, request):
    """ENOSPC arrives as SaveFailed with the path; no half file stays; elsewhere it can be saved, and the bed works."""
    full, roomy = tmp_path / "full", tmp_path / "roomy"
    full.mkdir()
    roomy.mkdir()
    tests = str(request.config.rootpath / "tests")
    script = ON_A_FULL_DISK.format(tests=tests, full=str(full), roomy=str(roomy))
    done = subprocess.run(
        [
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            f'mount -t tmpfs -o size=64k tmpfs {full} && exec "$@"',
            "sh",
            sys.executable,
            "-c",
            script,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    said, listing, size, payload = done.stdout.splitlines()
    assert said.startswith(f"28 Could not write {full}/close.pcap: No space left on device. Nothing half-written")
    assert (listing, size, payload) == ("[]", "True", "b'well'")


@pytest.mark.parametrize("where", ["no/such/folder/a.pcap", "file/a.pcap", "folder", "x" * 300])
def test_a_place_where_no_file_can_be(bed, tmp_path, where):
    """A folder that is missing or is a file, a path that is a folder, a name too long: SaveFailed, and nothing new."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with connected(bed), pytest.raises(SaveFailed, match=r"Could not write .* choose another place") as caught:
        bed.wire.save(tmp_path / where)
    assert isinstance(caught.value, OSError)
    assert caught.value.errno
    assert sorted(tmp_path.rglob("*")) == before


def test_a_device_is_no_place(bed):
    """/dev/full and /dev/null stay what they are."""
    with pytest.raises(SaveFailed):
        bed.wire.save("/dev/full")


def test_a_file_that_is_there_is_replaced_whole(bed, tmp_path):
    """The second save takes the place of the first; a failed one leaves it."""
    path = tmp_path / "a.pcap"
    path.write_bytes(b"before")
    with connected(bed):
        assert bed.wire.save(path).read_bytes()[:4] == b"\x4d\x3c\xb2\xa1"
    assert [each.name for each in tmp_path.iterdir()] == ["a.pcap"]
