"""A virtual machine: QEMU with a kernel and no disk, whose script runs on the machine's own files, seen read-only."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kernels.initramfs import initramfs

MEMORY_MB = 1536
# Timers of the labs are real time: the clock must be steady, and no core of the host is slowed for speculation's sake.
APPEND = "console=ttyS0 quiet panic=-1 reboot=t random.trust_cpu=on mitigations=off nokaslr tsc=reliable"


class CannotBoot(Exception):
    """Why a guest did not come up, or not to its end: what it said last, and what to do."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One kernel to boot: where it lies unpacked, and a folder that both sides write."""

    kernel: Path
    out: Path
    emulator: str
    accelerator: str  # "kvm" or "tcg"

    def argv(self) -> list[str]:
        """The words that start it. setpriv takes QEMU along when we end, whatever ends us."""
        if self.accelerator == "kvm":
            cpu = ["-accel", "kvm", "-cpu", "host", "-smp", "2"]
        else:
            cpu = ["-accel", "tcg", "-cpu", "max,-avx,-avx2", "-smp", "1", "-icount", "shift=0", "-rtc", "clock=vm"]
        machine = ["-machine", "q35", *cpu, "-m", str(MEMORY_MB)]
        quiet = ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        console = ["-serial", f"file:{comma(self.out / 'console')}"]
        start = ["-kernel", str(self.kernel / "vmlinuz"), "-initrd", str(self.out / "initramfs"), "-append", APPEND]
        shares = [
            *("-fsdev", "local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap"),
            *("-device", "virtio-9p-pci,fsdev=machine,mount_tag=machine"),
            *("-fsdev", f"local,id=out,path={comma(self.out)},security_model=none"),
            *("-device", "virtio-9p-pci,fsdev=out,mount_tag=out"),
        ]
        return ["setpriv", "--pdeathsig", "KILL", self.emulator, *machine, *quiet, *console, *start, *shares]


def comma(path: Path) -> str:
    """A path as one value of a QEMU option: a comma in it is doubled."""
    return str(path).replace(",", ",,")


def prepare(guest: Guest, script: Sequence[str], busybox: Path) -> None:
    """Write what the guest reads: its initramfs, and what it is to run as root."""
    shutil.rmtree(guest.out, ignore_errors=True)
    guest.out.mkdir(parents=True)
    (guest.out / "initramfs").write_bytes(initramfs(guest.kernel, busybox))
    release = (guest.kernel / "release").read_text().strip()
    modules = guest.kernel.resolve() / "lib/modules" / release
    (guest.out / "where.sh").write_text(f"modules={shlex.quote(str(modules))}\n")
    (guest.out / "begin.sh").write_text(shlex.join(script) + "\n")


class Running:
    """A guest that was started; `end()` ends it, whatever it does.

    Args:
        up_within_s: how long until its script begins
        within_s: how long until it is done
    """

    def __init__(self, guest: Guest, *, up_within_s: float, within_s: float) -> None:
        self.guest = guest
        self._up_within_s, self._within_s = up_within_s, within_s
        with (guest.out / "qemu").open("wb") as said:
            self._process = subprocess.Popen(
                guest.argv(), stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        self._begun = time.monotonic()

    @property
    def passed_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._begun

    def is_done(self) -> bool:
        """Whether it has ended, and well.

        Raises:
            CannotBoot: it ended badly, or was not up, or not done, in time
        """
        out = self.guest.out
        if self._process.poll() is None:
            if self.passed_s > self._up_within_s and not (out / "up").exists():
                raise CannotBoot(f"It was not up within {self._up_within_s:g} s.\n{tail(out)}")
            if self.passed_s > self._within_s:
                raise CannotBoot(f"It was not done within {self._within_s:g} s.\n{tail(out)}")
            return False
        ended = out / "exit"
        if not ended.exists() or ended.read_text().strip() != "0":
            raise CannotBoot(f"It ended before its time.\n{tail(out)}")
        return True

    def end(self) -> None:
        """Take QEMU away, if it is still there."""
        self._process.kill()
        self._process.wait()


def tail(out: Path, lines: int = 12) -> str:
    """The last lines of what QEMU, the console and the script said."""
    found = []
    for name in ("qemu", "console", "said"):
        path = out / name
        text = path.read_text(errors="replace").replace("\r", "") if path.exists() else ""
        found += [f"    {name}: {row}" for row in text.splitlines()[-lines:] if row.strip()]
    return "\n".join(found) or "    Neither QEMU nor the console said anything."


def memory_left_mb() -> int:
    """How much memory the machine could give."""
    rows = dict(row.split(":", 1) for row in Path("/proc/meminfo").read_text().splitlines())
    return int(rows["MemAvailable"].split()[0]) // 1024


def may_use_kvm() -> bool:
    """Whether there is a /dev/kvm for us; whether it works is another question (run.py tries)."""
    return os.access("/dev/kvm", os.R_OK | os.W_OK)
