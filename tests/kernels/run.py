"""`./env/test --kernels`: boot each kernel, execute every claim in it, judge, and print the table."""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernels.machine import MEMORY_MB, CannotBoot, Guest, Running, may_use_kvm, memory_left_mb, prepare
from kernels.page import PAGE, page
from kernels.plan import ROOT, labs
from kernels.told import told, told_of_claims, told_of_full

KERNELS = ROOT / ".tools" / "kernels"
PINS = ROOT / "env" / "kernels.txt"
OUT = ROOT / ".tools" / "kernels" / "run"
UP_WITHIN_S = 600
WITHIN_S = {"claims": 3600, "full": 7200}
SPARE_MB = 512
LOOK_S = 0.5
TRIED_S = 20  # a /dev/kvm that works has a guest up in two


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for; no series: those of the pins, as far as they are unpacked.

    only: of claims and facts those of these labs, "02", and "facts"; empty: all.
    """

    series: tuple[str, ...]
    only: tuple[str, ...] = ()
    full: bool = False
    record: bool = False

    @property
    def words(self) -> list[str]:
        """What inside.py is told."""
        return ["full"] if self.full else ["claims", *self.only]


def main(asked: Asked) -> int:
    """Boot what was asked for; 0 if in each kernel every claim has held, or differed in words."""
    wanted = [series for series in asked.series or pinned() if (KERNELS / series / "release").exists()]
    if not wanted:
        print("None of these kernels is unpacked: ./env/kernels", file=sys.stderr)
        return 1
    emulator, busybox = program("qemu-system-x86_64"), program("busybox")
    if emulator is None or busybox is None:
        print("QEMU or busybox is not here: sudo apt-get install qemu-system-x86 busybox-static", file=sys.stderr)
        return 1
    left_mb = memory_left_mb()
    if left_mb < MEMORY_MB + SPARE_MB:
        print(f"A guest needs {MEMORY_MB} MB, and the machine has {left_mb} MB left.", file=sys.stderr)
        return 1

    if unknown := set(asked.only) - {"facts"} - {lab.number for lab in labs()}:
        print(f"--only {', '.join(sorted(unknown))}: no lab that proves a claim; 02, or facts", file=sys.stderr)
        return 1
    accelerator = "kvm" if may_use_kvm() else "tcg"
    if accelerator == "kvm" and not kvm_works(wanted[0], emulator, busybox):
        print("/dev/kvm is here and boots nothing: everything is emulated.")
        accelerator = "tcg"
    at_once = min(len(os.sched_getaffinity(0)), (left_mb - SPARE_MB) // MEMORY_MB)
    guests = [Guest(KERNELS / series, OUT / series, str(emulator), accelerator) for series in wanted]
    failed = False
    for guest, outcome in booted(guests, asked.words, busybox, at_once):
        if isinstance(outcome, CannotBoot):
            print(f"{guest.kernel.name:<6} {outcome}", file=sys.stderr)
            failed = True
        elif asked.full:
            failed |= not told_of_full(guest, outcome)
        else:
            failed |= not told_of_claims(guest, outcome, only=asked.only, record=asked.record)
    if asked.record:
        PAGE.write_text(page(), encoding="utf-8")
        print(f"Written: {PAGE.relative_to(ROOT)}")
    return int(failed)


def pinned() -> list[str]:
    """The series that ./env/kernels unpacks when none is named."""
    return re.findall(r"^# (\d+\.\d+), ", PINS.read_text(encoding="utf-8"), re.MULTILINE)


def program(name: str) -> Path | None:
    """The machine's own, or what ./env/kernels has unpacked; for busybox one that needs no library."""
    places = [shutil.which(name), ROOT / ".tools/busybox-static/bin" / name, ROOT / ".tools/bin" / name]
    for place in map(Path, filter(None, places)):
        if place.exists() and not (name == "busybox" and b"/ld-linux" in place.read_bytes()[:4096]):
            return place
    return None


def kvm_works(series: str, emulator: Path, busybox: Path) -> bool:
    """Whether a guest comes up by /dev/kvm: some machines have one that hangs."""
    guest = Guest(KERNELS / series, OUT / "kvm", str(emulator), "kvm")
    prepare(guest, ["true"], busybox)
    running = Running(guest, up_within_s=TRIED_S, within_s=2 * TRIED_S)
    try:
        while not running.is_done():
            time.sleep(LOOK_S)
    except CannotBoot:
        return False
    finally:
        running.end()
    return True


def booted(
    guests: Sequence[Guest], words: Sequence[str], busybox: Path, at_once: int
) -> Iterator[tuple[Guest, float | CannotBoot]]:
    """Execute the claims, or whole solutions, in each guest, so many at once; yields one when it has ended.

    With it come the seconds that it took, or why it failed. An interrupt ends those that run.
    """
    script = ["env", f"PYTHONPATH={ROOT / 'course'}", sys.executable, "-B"]
    script += [str(Path(__file__).with_name("inside.py")), "/run/out", *words]
    waiting, running = list(guests), list[Running]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                guest = waiting.pop(0)
                prepare(guest, script, busybox)
                running.append(Running(guest, up_within_s=UP_WITHIN_S, within_s=WITHIN_S[words[0]]))
            time.sleep(LOOK_S)
            show(running)
            for one in tuple(running):
                try:
                    outcome = one.passed_s if one.is_done() else None
                except CannotBoot as error:
                    outcome = error
                if outcome is not None:
                    one.end()
                    running.remove(one)
                    show([])
                    yield one.guest, outcome
    finally:
        show([])
        for one in running:
            one.end()


def show(running: Sequence[Running]) -> None:
    """Say on a terminal how far each is; with none, take the line away."""
    if sys.stderr.isatty():
        each = [f"{one.guest.kernel.name}: {told(one.guest)} cells, {one.passed_s:.0f} s" for one in running]
        print(f"\r\033[K{' · '.join(each)}", end="", file=sys.stderr, flush=True)
