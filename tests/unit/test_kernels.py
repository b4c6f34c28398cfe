"""./env/test --kernels without a kernel: what a guest is started with and reads, and how it is followed to its end."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from guests import a_guest
from kernels import told as kernels_told
from kernels.initramfs import archive, load_order
from kernels.machine import CannotBoot, Running, prepare, tail
from tcplab import wait_until

ROOT = Path(__file__).resolve().parents[2]
INDEX = """kernel/net/9p/9pnet.ko: kernel/fs/netfs/netfs.ko
kernel/fs/netfs/netfs.ko:
kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko
kernel/drivers/virtio/virtio.ko:
"""


def unpacked(data: bytes) -> dict[str, tuple[int, bytes]]:
    """A cpio archive read back: mode and content of each name."""
    found, at = {}, 0
    while True:
        assert data[at : at + 6] == b"070701"
        mode, size, length = (int(data[at + 6 + 8 * field :][:8], 16) for field in (1, 6, 11))
        name = data[at + 110 : at + 110 + length - 1].decode()
        at += (110 + length + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, data[at : at + size])
        at += (size + 3) // 4 * 4


def test_modules_come_after_what_they_need():
    """Each once, and what is built into the kernel is left out."""
    order = [Path(path).name for path in load_order(INDEX, ["9pnet_virtio", "overlay", "9pnet"])]
    assert order == ["netfs.ko", "9pnet.ko", "virtio.ko", "9pnet_virtio.ko"]


def test_archive_holds_what_was_put_in():
    """Files, links and folders, with their modes, whatever their length."""
    files = {"init": b"#!/bin/sh\n", "m/a.ko": b"12345"}
    found = unpacked(archive(files, {"bin/sh": "busybox"}, ["bin", "m"]))
    assert found["init"] == (0o100755, b"#!/bin/sh\n")
    assert found["m/a.ko"] == (0o100755, b"12345")
    assert found["bin/sh"] == (0o120777, b"busybox")
    assert found["bin"] == (0o40755, b"")
    assert list(found) == ["bin", "m", "init", "m/a.ko", "bin/sh"]


def test_words_that_start_it(tmp_path):
    """The machine's files can be read only, the console is no way out, and the emulator ends with us."""
    words = a_guest(tmp_path).argv()
    assert words[:3] == ["setpriv", "--pdeathsig", "KILL"]
    (machine,) = (word for word in words if word.startswith("local,id=machine"))
    assert "readonly=on" in machine
    assert f"file:{tmp_path}/a b,,c/console" in words
    assert words[words.index("-accel") + 1] == "tcg"
    assert a_guest(tmp_path, accelerator="kvm").argv()[words.index("-accel") + 1] == "kvm"


def test_what_the_guest_reads(tmp_path):
    """Its archive has init and the modules in order; its script keeps words with spaces whole."""
    guest = a_guest(tmp_path)
    busybox = tmp_path / "busybox"
    busybox.write_bytes(b"box")
    prepare(guest, ["python", "/my labs/inside.py"], busybox)
    found = unpacked((guest.out / "initramfs").read_bytes())
    assert found["order"][1] == b"/m/9p.ko\n"
    assert found["m/9p.ko"][1] == b"module"
    assert b"switch_root" in found["init"][1]
    assert (guest.out / "begin.sh").read_text() == "python '/my labs/inside.py'\n"
    assert (guest.out / "where.sh").read_text() == f"modules={tmp_path}/5.10/lib/modules/5.10.0-46-amd64\n"


@pytest.mark.parametrize("what", ["init.sh", "root.sh"])
def test_scripts_of_the_guest_are_shell(what):
    """A slip in them would show as a guest that says nothing."""
    subprocess.run(["sh", "-n", ROOT / "tests/kernels" / what], check=True)


def to_its_end(running: Running) -> None:
    """Wait for a guest."""
    while not running.is_done():
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("does", "later_s", "says"),
    [
        ("exit 1", 0, "It ended before its time"),
        ("exec sleep 60", 100, "It was not up within"),
        ("touch up; exec sleep 60", 4000, "It was not done within"),
    ],
)
def test_guest_that_fails_is_told_with_its_last_words(tmp_path, does, later_s, says):
    """One that ends early, hangs before it is up, or after: each ends, and its console is quoted."""
    guest = a_guest(tmp_path, emulator=str(tmp_path / "qemu"))
    guest.out.mkdir()
    (tmp_path / "qemu").write_text(f'#!/bin/sh\ncd "$(dirname "$0")/a b,c"\necho panicked > console\n{does}\n')
    (tmp_path / "qemu").chmod(0o755)
    running = Running(guest, up_within_s=60, within_s=3600)
    has_come = guest.out / ("up" if "up" in does else "console")
    wait_until(lambda: has_come.exists() and "panicked" in tail(guest.out), within_s=20)
    running._begun -= later_s
    with pytest.raises(CannotBoot, match=says) as failed:
        to_its_end(running)
    running.end()
    assert "console: panicked" in str(failed.value)
    assert not Path(f"/proc/{running._process.pid}").exists()


def test_guest_that_says_nothing(tmp_path):
    """Silence is named."""
    assert "said anything" in tail(tmp_path)


def test_stories_are_read_while_they_are_written(tmp_path):
    """A line that is not whole yet is left out."""
    guest = a_guest(tmp_path)
    assert kernels_told.story_lines(guest) == []
    guest.out.mkdir()
    (guest.out / "stories").write_text(json.dumps({"cell": "1"}) + '\n{"cell')
    assert kernels_told.story_lines(guest) == ['{"cell": "1"}']
