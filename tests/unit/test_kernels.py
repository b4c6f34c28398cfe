"""./env/test --kernels without a kernel: what a guest is started with, what is executed in it, how it is judged."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from kernels import run as kernels_run
from kernels import told as kernels_told
from kernels.initramfs import archive, load_order
from kernels.machine import CannotBoot, Guest, Running, prepare, tail
from kernels.page import claim_ids, claim_rows, fact_rows, short, table
from kernels.plan import Lab, lab, labs, selected
from tcplab import wait_until
from tcplab.command.claims import Cell, differing, judged, said

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


def a_guest(tmp_path: Path, emulator: str = "qemu", accelerator: str = "tcg") -> Guest:
    """A kernel with one module, and a folder with a space and a comma in its name."""
    kernel = tmp_path / "5.10"
    modules = kernel / "lib/modules/5.10.0-46-amd64"
    modules.mkdir(parents=True, exist_ok=True)
    (modules / "modules.dep").write_text("kernel/9p.ko:\n")
    (modules / "kernel").mkdir(exist_ok=True)
    (modules / "kernel/9p.ko").write_bytes(b"module")
    (kernel / "release").write_text("5.10.0-46-amd64\n")
    return Guest(kernel, tmp_path / "a b,c", emulator, accelerator)


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


def test_every_claim_is_executed_in_its_lab():
    """Whatever claims.md names has a cell among those that are executed, and each lab ends with a claim's cell."""
    plan = labs()
    there = {(claim, each.number) for each in plan for cell in each.cells for claim in cell.claims}
    assert set(claim_ids().items()) <= there
    assert all(each.cells[-1].claims for each in plan)


def test_cells_of_a_notebook():
    """Code up to the last claim; text, and what comes after, is left out."""
    code = {"cell_type": "code", "outputs": []}
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Why?"]},
        {**code, "id": "b", "metadata": {}, "source": ["x = 1\n", "x"]},
        {**code, "id": "c", "metadata": {"tags": ["claim-S1", "claim-X2", "nbval-ignore-output"]}, "source": ["x"]},
        {**code, "id": "d", "metadata": {"tags": ["raises-exception"]}, "source": ["1/0"]},
    ]
    found = lab("00-why", {"cells": cells})
    assert [cell.id for cell in found.cells] == ["b", "c"]
    assert found.cells[0].source == "x = 1\nx"
    assert (found.cells[1].claims, found.cells[1].is_compared) == (("S1", "X2"), False)
    assert lab("00-why", {"cells": cells[:2]}).cells == ()


def test_what_a_cell_said():
    """Prints and the value, in order; a picture's words are those of its twin, which is printed."""
    stream = {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}
    picture = {"output_type": "display_data", "data": {"image/png": "…", "text/plain": "a picture"}}
    value = {"output_type": "execute_result", "data": {"text/plain": ["3"]}}
    assert said([stream, picture, value]) == "one\ntwo\n3"


def test_what_is_printed_in_pieces_is_one_text():
    """A bar that grows is sent as it grows: where it is cut is chance."""
    pieces = [{"output_type": "stream", "name": "stdout", "text": [text]} for text in ("ports ", "█", "█ 2\n")]
    assert said(pieces) == "ports ██ 2"


def a_cell(name: str, stored: str, *claims: str, **more: bool) -> Cell:
    """A cell of a lab."""
    return Cell(name, "", claims, stored, **({"is_compared": True, "may_raise": False} | more))


def a_story(cell: str, text: str = "", error: str = "") -> dict[str, str]:
    """What a guest tells of a cell."""
    return {"cell": cell, "said": text, "error": error}


CLAIMED = (("01", "S8"), ("02", "S8", "S3a"), ("03", "S4"))
LAB = (
    a_cell("1", "", "S1"),
    a_cell("2", "192.0.2.1:40000 TIME_WAIT 59 s\nsegments: 3", "S2"),
    a_cell("3", "■ passed  well", "S3", "S2"),
)


@pytest.mark.parametrize(
    ("second", "third", "verdicts"),
    [
        (a_story("2", "192.0.2.1:51111 TIME_WAIT 58 s\nsegments: 3"), a_story("3", "■ passed  well"), "holds, holds"),
        (a_story("2", "192.0.2.1:51111 TIME_WAIT 58 s\nsegments: 4"), a_story("3", "■ passed  well"), "differs, holds"),
        (a_story("2", "192.0.2.1:51111 LAST_ACK"), a_story("3", "■ passed  well"), "differs, holds"),
        (a_story("2", "192.0.2.1:40000 TIME_WAIT 59 s\nsegments: 3"), a_story("3", "◧ not yet"), "refuted, refuted"),
        (a_story("2", error="OSError: no"), None, "refuted, not reached"),
        (None, None, "not reached, not reached"),
    ],
)
def test_verdicts(second, third, verdicts):
    """What is chance is no difference, another state or count is; a failed check and an error refute, and only they."""
    found = judged([LAB], [each for each in (a_story("1"), second, third) if each])
    assert found["S1"].verdict == "holds"
    assert f"{found['S2'].verdict}, {found['S3'].verdict}" == verdicts


def test_why_a_claim_is_refuted():
    """The error itself, and behind it whose error it was."""
    found = judged([LAB], [a_story("1"), a_story("2", error="OSError: no")])
    assert [reason.here for reason in found["S2"].reasons] == ["OSError: no", "not reached: 2 raised"]


def test_a_second_run_replaces_the_first():
    """A lab that stopped is executed once more: its last story counts."""
    again = [a_story("2", "192.0.2.1:40000 TIME_WAIT 59 s\nsegments: 3"), a_story("3", "■ passed  well")]
    found = judged([LAB], [a_story("1"), a_story("2", error="NotReady: slow"), a_story("1"), *again])
    assert {verdict.verdict for verdict in found.values()} == {"holds"}


def test_what_is_not_compared_may_say_anything():
    """A cell that measures differs nowhere; one that may raise refutes nothing."""
    free = a_cell("1", "15 ms", "S1", is_compared=False)
    assert judged([(free,)], [a_story("1", "150 ms")])["S1"].verdict == "holds"
    raising = a_cell("1", "", "S1", may_raise=True)
    assert judged([(raising,)], [a_story("1", error="ZeroDivisionError")])["S1"].verdict == "holds"


def test_lines_that_differ():
    """Only those, of both sides, as they were printed."""
    assert differing("a\nb 40001.5\nc\n", "a\n\nc\nd") == ("b 40001.5", "d")


def a_result(series: str, found: str, verdict: str) -> dict[str, object]:
    """What is recorded of a kernel."""
    reasons = [{"cell": "05-x-004", "stored": "1000", "here": "–"}] if verdict != "holds" else []
    return {
        "series": series,
        "release": f"{series}.0-amd64",
        "seconds": 99,
        "facts": {"delay": {"row": "`delay`", "found": found}},
        "claims": {"S1": {"verdict": verdict, "reasons": reasons}},
    }


def test_rows_of_the_page():
    """One for each fact and each claim; what was not executed is no pass."""
    results = [a_result("5.10", "–", "differs"), a_result("7.3", "1000", "holds")]
    assert fact_rows(results) == [["`delay`", "–", "1000"]]
    rows = {row[0]: row for row in claim_rows(results)}
    assert rows["S1"] == ["S1", "01", "≠", "✓"]
    assert rows["S2"] == ["S2", "01", "✗", "✗"]
    assert table(["a", "b"], [["1|2", "3"]]) == "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |"


def test_short_words_of_a_kernel():
    """How many of each, and the first reason of what does not hold."""
    text = short(a_result("5.10", "–", "differs"))
    assert "of 1 claims 0 hold, 1 differ, 0 refuted, 0 not reached; 99 s" in text
    assert "≠ S1    05-x-004: –" in text


def test_too_little_memory_and_no_kernel_are_named(monkeypatch, tmp_path, capsys):
    """Each with what is missing, before anything is started."""
    monkeypatch.setattr(kernels_run, "KERNELS", tmp_path)
    assert kernels_run.main(kernels_run.Asked(("5.10",))) == 1
    assert "./env/kernels" in capsys.readouterr().err

    (tmp_path / "5.10").mkdir()
    (tmp_path / "5.10/release").write_text("5.10.0-46-amd64\n")
    monkeypatch.setattr(kernels_run, "program", lambda name: None)
    assert kernels_run.main(kernels_run.Asked(("5.10",))) == 1
    assert "apt-get install qemu-system-x86 busybox-static" in capsys.readouterr().err

    monkeypatch.setattr(kernels_run, "program", lambda name: tmp_path / name)
    monkeypatch.setattr(kernels_run, "memory_left_mb", lambda: 900)
    assert kernels_run.main(kernels_run.Asked(("5.10",))) == 1
    assert "900 MB left" in capsys.readouterr().err


@pytest.fixture
def two_kernels(monkeypatch, tmp_path):
    """Two kernels, an emulator that is a script, and nothing else of the machine; `does(text)` writes the script."""
    a_guest(tmp_path)
    shutil.copytree(tmp_path / "5.10", tmp_path / "6.1")
    (tmp_path / "busybox").write_bytes(b"box")
    monkeypatch.setattr(kernels_run, "KERNELS", tmp_path)
    monkeypatch.setattr(kernels_run, "OUT", tmp_path / "run")
    monkeypatch.setattr(kernels_run, "LOOK_S", 0.02)
    monkeypatch.setattr(kernels_run, "program", lambda name: tmp_path / name)
    monkeypatch.setattr(kernels_run, "memory_left_mb", lambda: 9000)
    monkeypatch.setattr(kernels_run, "may_use_kvm", lambda: False)
    monkeypatch.setattr(
        kernels_told, "result_of", lambda guest, seconds, only: a_result(guest.kernel.name, "–", "holds")
    )

    def does(text: str) -> None:
        script = tmp_path / "qemu-system-x86_64"
        own_folder = 'for word; do case $word in file:*) word=${word#file:}; cd "${word%/*}"; esac; done'
        script.write_text(f"#!/bin/sh\n{own_folder}\n{text}\n")
        script.chmod(0o755)

    return does


def test_kernel_that_does_not_boot_leaves_the_others(two_kernels, capsys):
    """It is named with its last words, the others are judged, and the exit code is 1."""
    two_kernels("case $PWD in */5.10) exit 1 ;; esac; echo 0 > exit")
    assert kernels_run.main(kernels_run.Asked(("5.10", "6.1"))) == 1
    said = capsys.readouterr()
    assert "5.10   It ended before its time." in said.err
    assert "6.1    6.1.0-amd64: of 1 claims 1 hold" in said.out


def test_part_of_a_run_goes_into_the_whole(two_kernels, monkeypatch, tmp_path, capsys):
    """What was not asked for stays as it was; without a whole run nothing is kept, and it is said."""
    monkeypatch.setattr(kernels_told, "RECORDED", tmp_path / "recorded")
    part = a_result("5.10", "1000", "holds") | {"claims": {}}
    assert not kernels_told.kept(part, is_part=True)
    assert "./env/test --kernels 5.10 --record" in capsys.readouterr().err

    assert kernels_told.kept(a_result("5.10", "–", "differs"), is_part=False)
    assert kernels_told.kept(part, is_part=True)
    there = json.loads((tmp_path / "recorded/5.10.json").read_text())
    assert there["facts"]["delay"]["found"] == "1000"
    assert there["claims"]["S1"]["verdict"] == "differs"


def test_labs_that_are_selected():
    """With those that bear the same claim, or its verdict would be half of one; a lab that is not there is named."""
    one, two, three = (Lab(f"{name}-x", (a_cell("1", "", *claims),)) for name, *claims in CLAIMED)
    assert selected(["01"], [one, two, three]) == [one, two]
    assert selected(["facts"], [one, two, three]) == []
    assert selected([], [one, two, three]) == [one, two, three]


def test_lab_that_is_not_there_is_named(two_kernels, capsys):
    """Before anything is started."""
    assert kernels_run.main(kernels_run.Asked(("5.10",), only=("02", "99"))) == 1
    assert "--only 99" in capsys.readouterr().err


def test_interrupt_ends_the_emulators(two_kernels, monkeypatch, tmp_path):
    """^C while two of them run leaves none."""
    two_kernels("echo $$ > pid; exec sleep 60")
    pids = [tmp_path / "run" / series / "pid" for series in ("5.10", "6.1")]

    def interrupted(running):
        if running and all(pid.exists() and pid.read_text().strip() for pid in pids):
            raise KeyboardInterrupt

    monkeypatch.setattr(kernels_run, "show", interrupted)
    monkeypatch.setattr(kernels_run.os, "sched_getaffinity", lambda _: {0, 1})
    with pytest.raises(KeyboardInterrupt):
        kernels_run.main(kernels_run.Asked(("5.10", "6.1")))
    assert not any(Path(f"/proc/{pid.read_text().strip()}").exists() for pid in pids)


def test_kvm_that_hangs_is_not_used(two_kernels, monkeypatch, capsys):
    """It is tried once, for a moment; then everything is emulated, and the run says so."""
    two_kernels('case "$*" in *"-accel kvm"*) exec sleep 60 ;; esac; echo 0 > exit')
    monkeypatch.setattr(kernels_run, "may_use_kvm", lambda: True)
    monkeypatch.setattr(kernels_run, "TRIED_S", 0.3)
    assert kernels_run.main(kernels_run.Asked(("6.1",))) == 0
    assert "everything is emulated" in capsys.readouterr().out


def test_stories_are_read_while_they_are_written(tmp_path):
    """A line that is not whole yet is left out."""
    guest = a_guest(tmp_path)
    assert kernels_told.story_lines(guest) == []
    guest.out.mkdir()
    (guest.out / "stories").write_text(json.dumps({"cell": "1"}) + '\n{"cell')
    assert kernels_told.story_lines(guest) == ['{"cell": "1"}']
