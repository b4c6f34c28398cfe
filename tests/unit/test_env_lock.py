"""./env/up and Ubuntu's lock on user namespaces: asked about, and opened only for who says yes."""

import importlib
import sys
from pathlib import Path

import pytest

ENV = Path(__file__).resolve().parents[2] / "env"


@pytest.fixture
def lock(monkeypatch, tmp_path):
    """The module as ./env/up runs it, on a machine with the lock, with somebody at the keyboard."""
    monkeypatch.syspath_prepend(str(ENV / "steps"))
    monkeypatch.delitem(sys.modules, "lock", raising=False)
    module = importlib.import_module("lock")
    setting = tmp_path / "setting"
    setting.write_text("1\n")
    monkeypatch.setattr(module, "SETTING", setting)
    monkeypatch.setattr(module, "OPEN", ["sh", "-c", f"echo 0 > {setting}"])
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(getattr(module.sys, stream), "isatty", lambda: True, raising=False)
    return module


@pytest.mark.parametrize(("said", "opened"), [("y", True), ("Yes ", True), ("", False), ("n", False), ("what?", False)])
def test_only_yes_opens_it(lock, monkeypatch, said, opened):
    """The question explains it and shows the command; no answer is no."""
    asked = []
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or said)
    assert lock.opened_by_request() == opened
    assert lock.closed() != opened
    assert "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" in asked[0]
    assert "until the machine restarts" in asked[0]


def test_nobody_is_asked_where_nobody_is(lock, monkeypatch):
    """In a script, as root, or where there is no lock."""
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked"))
    for change in (
        lambda patch: patch.setattr(lock.sys.stdin, "isatty", lambda: False, raising=False),
        lambda patch: patch.setattr(lock.os, "geteuid", lambda: 0),
        lambda patch: patch.setattr(lock, "SETTING", Path("/nonexistent")),
    ):
        with monkeypatch.context() as patch:
            change(patch)
            assert not lock.opened_by_request()


def test_a_lock_that_stays_closed(lock, monkeypatch):
    """sudo was refused: doctor's own words stand."""
    monkeypatch.setattr("builtins.input", lambda _: "y")
    monkeypatch.setattr(lock, "OPEN", ["false"])
    assert not lock.opened_by_request()
