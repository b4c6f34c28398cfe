"""The benchmark runner in JupyterLab: a form, Run, rounds that arrive, and Stop, seen in the page and in the world."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.live import opened, photographed, picture, run
from browser.opened import Opened
from browser.served import Served
from playwright.sync_api import Locator, expect

CELLS = (
    """from tcplab import Testbed
from tcplab.live.runner import runner
bed = Testbed.proxied(link="wire").up()
runner(bed, requests=20, variants=("off", "pool", "direct"))""",
    """print(bed.client.run(["pgrep", "-lf", "nginx|ab -n|application"], expect=None).stdout or "nothing runs",
      *bed.front.rules, *bed.back.rules)""",
)

# What may be over before we look.
_NOTES = """form => { window.tcplabSeen = new Set();
    new MutationObserver(() => {
        if (form.querySelector('[role="progressbar"]')?.checkVisibility()) window.tcplabSeen.add("progress");
        if (document.activeElement.textContent.endsWith("Stop")) window.tcplabSeen.add("focus on Stop");
    }).observe(form, { subtree: true, childList: true, attributes: true, characterData: true }); }"""


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """A form on a bed with two wires, and a cell that tells what runs there, and what rules the wires have."""
    with opened(lab, served, "live-runner.ipynb", *CELLS) as notebook:
        run(notebook, 0)
        yield notebook


@pytest.fixture
def form(notebook: Opened) -> Locator:
    """The runner in the page, in view."""
    return picture(notebook.page, "Benchmark runner")


def test_a_form_that_cannot_be_is_told_beside_it(form: Locator) -> None:
    """A sentence with the range, and a button that puts the value back."""
    rounds = form.get_by_label("rounds", exact=True)
    rounds.fill("3")
    rounds.press("Enter")
    expect(form.get_by_role("alert").filter(has_text="Allowed: 5 to 50")).to_be_visible()
    expect(rounds).to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Put 5 back").click()
    expect(rounds).to_have_value("5")
    form.get_by_label("-k").check()
    expect(form.locator(".code pre")).to_contain_text("persistent=True")
    form.get_by_label("-k").uncheck()


def test_rounds_arrive_and_are_compared(form: Locator, notebook: Opened, shots: Path) -> None:
    """By the keyboard: Run, progress, a dot a run, and in the end the sentence and the connections of each host."""
    form.evaluate(_NOTES)
    begin = form.get_by_role("button", name=re.compile("^Run"))
    begin.focus()
    begin.press("Enter")
    expect(form.locator("svg.pic .dot").first).to_be_visible()
    expect(form.locator(".lead")).to_contain_text("pool takes", timeout=180_000)
    assert form.page.evaluate("() => [...window.tcplabSeen].sort()") == ["focus on Stop", "progress"]
    expect(form.get_by_role("row", name="pool")).to_contain_text("1")
    expect(form.get_by_role("img")).to_have_attribute("aria-label", re.compile("direct takes"))
    assert run(notebook, 1).text == "nothing runs\n"
    assert not photographed(form, shots, "runner")


def test_a_stop_leaves_nothing_running(form: Locator, notebook: Opened) -> None:
    """In the middle of a long and slow load: the world has no ab, no nginx and no rule of it any more."""
    for name, typed in (("requests", "10000"), ("RTT, ms", "40")):
        box = form.get_by_label(name, exact=True)
        box.fill(typed)
        box.press("Enter")
    form.get_by_label("the slow wire").select_option("back")
    expect(form.locator(".code pre")).to_contain_text("bed.back.delay(rtt_ms=40)")
    expect(form.locator(".code pre")).to_contain_text("requests=10000")
    form.get_by_role("button", name=re.compile("^Run")).click()
    expect(form.get_by_role("progressbar")).to_be_visible()
    looks = (run(notebook, 1).text for _ in range(100))
    assert any("delay(rtt_ms=40)" in told for told in looks)
    form.get_by_role("button", name="Stop").click()
    expect(form.locator(".lead")).to_contain_text("Nothing of it runs any more.")
    expect(form.get_by_role("button", name="Run", exact=True)).to_be_focused()
    assert run(notebook, 1).text == "nothing runs\n"
