"""`tcplab run --html`: one page that needs nothing else, and what it says of labs and claims."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tcplab.command import report
from tcplab.command.claims import Claim
from tcplab.command.execution import Job, Result
from tcplab.command.needs import Need
from tcplab.command.report import Run, claims_of, page

CLAIMS = [
    Claim("S1", "01", "It <closes>", "true"),
    Claim("S2", "01", "", "it does not"),
    Claim("S3", "01", "It waits", "false"),
    Claim("S4", "02", "Another", "true"),
]


def a_cell(number: int, source: str, text: str, *tags: str, error: str = "", executed: bool = True) -> dict[str, Any]:
    """A code cell as a notebook has it."""
    outputs: list[dict[str, Any]] = [{"output_type": "stream", "name": "stdout", "text": [text]}] if text else []
    if error:
        outputs.append({"output_type": "error", "ename": "NotReady", "evalue": error, "traceback": []})
    return {
        "cell_type": "code",
        "execution_count": number if executed else None,
        "id": f"01-a-{number:03}",
        "metadata": {"tags": list(tags)},
        "outputs": outputs,
        "source": [source],
    }


def a_notebook(path: Path, *cells: dict[str, Any]) -> str:
    """A notebook with a title, written; its path."""
    title = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": ["# Who closes?\n", "\n", "Somebody."]}
    path.write_text(json.dumps({"cells": [title, *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return str(path)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page of a lab whose first claim holds, whose second differs, and whose third cell raises."""
    monkeypatch.setattr(report, "machine", lambda: {"kernel": "6.18", "nginx": "1.22.1"})
    stored = a_notebook(
        tmp_path / "01-a.ipynb",
        a_cell(1, "closes()", "TIME_WAIT 60 s", "claim-S1"),
        a_cell(2, "counts()", "3 segments", "claim-S2"),
        a_cell(3, "raises(\n    '<b>')", "well"),
        a_cell(4, "waits()", "done", "claim-S3"),
    )
    seen = a_notebook(
        tmp_path / "executed.ipynb",
        a_cell(1, "closes()", "TIME_WAIT 58 s", "claim-S1"),
        a_cell(2, "counts()", "4 segments", "claim-S2"),
        a_cell(3, "raises(\n    '<b>')", "", error="<script>alert(1)</script>"),
        a_cell(4, "waits()", "", "claim-S3", executed=False),
    )
    jobs = [Job("01-a", stored, seen, "", "", 9)]
    results = [Result("01-a", 2.5, 3, "raises(", "NotReady: cut", begun_s=1.0)]
    run = Run(jobs, results, {"01-a": Need(2, alone=True)}, CLAIMS, 5.0, 4)
    return page(run, at=tmp_path / "out" / "page.html")


def plain(html: str) -> str:
    """What a reader sees of a page."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).split())


def test_lead_machine_and_times(shown: str) -> None:
    """The first sentence has the numbers; then the machine, and each lab with its title and times."""
    text = plain(shown)
    assert "0 of 1 labs passed in 5 s, up to 4 at once; of 4 claims 1 hold, 1 differ, 1 not reached, 1 not run." in text
    assert "nginx 1.22.1" in text
    assert "01 Who closes? ✕ failed in code cell 3 1.0 s 2.5 s" in text
    assert 'class="alone" style="left: 20.00%; width: 50.00%"' in shown


def test_cell_that_failed(shown: str) -> None:
    """Its whole source, and the whole error, as text and not as a part of the page."""
    assert "<pre>raises(\n    &#39;&lt;b&gt;&#39;)</pre>" in shown
    assert "NotReady: &lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown


def test_claims(shown: str) -> None:
    """Each line of the ledger with its verdict, and where it differs what is stored and what was seen."""
    text = plain(shown)
    for line in (
        "S1 It &lt;closes&gt;. true closes() 01 ■ holds",
        "S2 it does not 01-a-002 − 3 segments + 4 segments counts() 01 ◧ differs",
        "S3 It waits. false 01-a-004 + not reached: 01-a-003 raised waits() 01 □ not reached",
        "S4 Another. true 02 □ not run",
    ):
        assert line in text


def test_nothing_else_is_needed(shown: str) -> None:
    """No file and no network: the only links lead to notebooks, from where the page lies."""
    assert set(re.findall(r'(?:href|src)="([^"]*)"', shown)) == {"../01-a.ipynb"}
    assert "url(" not in shown
    assert "@import" not in shown
    assert shown.count("prefers-color-scheme: dark") == 1


def test_claims_of_an_installed_package(tmp_path: Path) -> None:
    """The ledger lies in a checkout; without it each claim that a cell bears is named."""
    stored = a_notebook(
        tmp_path / "01-a.ipynb", a_cell(1, "a", "", "claim-S1"), a_cell(2, "b", "", "claim-S1", "claim-X2")
    )
    jobs = [Job("01-a", stored, "", "", "", 9)]
    assert claims_of(jobs, tmp_path / "claims.md") == [Claim("S1", "01", "", ""), Claim("X2", "01", "", "")]
    (tmp_path / "claims.md").write_text(
        "| id | lab | claimed | what is so |\n|---|---|---|---|\n| S9 | 06 | Much | little |\n"
    )
    assert claims_of(jobs, tmp_path / "claims.md") == [Claim("S9", "06", "Much", "little")]


def test_a_lab_that_left_no_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ended unexpectedly is told in its own words, and none of its claims was reached."""
    monkeypatch.setattr(report, "machine", dict)
    stored = a_notebook(tmp_path / "01-a.ipynb", a_cell(1, "closes()", "TIME_WAIT", "claim-S1"))
    jobs = [Job("01-a", stored, str(tmp_path / "none.ipynb"), "", "", 9)]
    results = [Result("01-a", 0.0, error="The process that executed it ended unexpectedly")]
    text = plain(page(Run(jobs, results, {"01-a": Need(2)}, CLAIMS[:1], 1.0, 1), at=tmp_path / "page.html"))
    assert "The process that executed it ended unexpectedly" in text
    assert "□ not reached" in text
