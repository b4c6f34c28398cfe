"""A whole run of ./env/test --kernels on emulators that are scripts: what is refused, told, kept, and ended."""

import json
import shutil
from pathlib import Path

import pytest
from guests import a_guest
from kernels import run as kernels_run
from kernels import told as kernels_told
from kernels.page import claim_rows, fact_rows, short, table


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
