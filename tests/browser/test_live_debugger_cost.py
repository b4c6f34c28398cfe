"""How soon a click of the debugger is answered on screen, and whether a thousand segments stay smooth."""

from collections.abc import Iterator

import pytest
from bench.report import best, median, percentile, report
from browser import live
from browser.lab import Lab
from browser.live import opened, run
from browser.opened import Opened
from browser.served import Served
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.long

ANSWERED_WITHIN_MS = 100
FRAME_MS = 1000 / 30
CLICKS = 12
CELLS = (
    """import socket
from tcplab import Testbed
from tcplab.live.debugger import debugger
bed = Testbed.two_hosts().up()
listener = bed.server.listen(80)
mine = bed.client.connect(bed.server, 80)
theirs, _ = listener.accept()
mine.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
debugger(bed)""",
    """for _ in range(600):
    mine.sendall(b"x")
    theirs.recv(1)
    theirs.sendall(b"y")
    mine.recv(1)
print(len(bed.wire.segments) > 1000)""",
    f"for _ in range({CLICKS + 8}):\n    mine.sendall(b'x')",
    "bed.down()",
)
# From the click until the browser has drawn a frame in which the segment waits no more.
_CLICK = """() => new Promise(resolve => {
    const list = document.querySelector(".held");
    const row = list.firstElementChild;
    const number = row.dataset.number;
    const begun = performance.now();
    new MutationObserver((_, seen) => {
        if (list.querySelector(`[data-number="${number}"]`)) return;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)));
    }).observe(list, { childList: true });
    row.querySelector('[data-act="deliver"]').click();
})"""
# The time between frames while the ladder is scrolled from its end to its beginning.
_SCROLL = """() => new Promise(resolve => {
    const stage = document.querySelector(".tl .stage");
    stage.dispatchEvent(new WheelEvent("wheel"));
    const frames = [];
    let before = performance.now();
    const step = now => {
        frames.push(now - before);
        before = now;
        stage.dispatchEvent(new WheelEvent("wheel"));
        stage.scrollTop -= 150;
        if (frames.length < 150 && stage.scrollTop > 0) requestAnimationFrame(step);
        else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
})"""


@pytest.fixture(scope="module")
def page(lab: Lab) -> Page:
    """The page that shows it."""
    return lab.page


@pytest.fixture(scope="module")
def notebook(lab: Lab, served: Served) -> Iterator[Opened]:
    """A debugger that shows a thousand segments."""
    with opened(lab, served, "live-debugger-cost.ipynb", *CELLS) as notebook:
        run(notebook, 0)
        assert run(notebook, 1).text == "True\n"
        yield notebook
        run(notebook, 3)


@pytest.fixture
def shown(page: Page, notebook: Opened) -> Locator:
    """The debugger, in view, with all that it keeps."""
    found = page.get_by_label("TCP debugger", exact=True)
    found.locator(".stage").scroll_into_view_if_needed()
    expect(found.locator(".scrub .dim")).to_contain_text("now")
    return found


def test_a_click_is_answered_on_screen(notebook: Opened, shown: Locator, page: Page, capsys) -> None:
    """Beside a thousand segments: from a click on Deliver to the frame in which it waits no more, the median."""
    clicked: list[float] = []

    def answered() -> float:
        shown.get_by_role("button", name="Pause the wire").click()
        expect(shown.get_by_role("button", name="▸ Let it run")).to_be_visible()
        run(notebook, 2)
        took = []
        for _ in range(CLICKS):
            if not shown.locator(".hrow").count():
                run(notebook, 2)  # short writes may have left together, as few segments
            live.waits(shown, lambda ms: expect(shown.locator(".hrow")).not_to_have_count(0, timeout=ms))
            took.append(page.evaluate(_CLICK))
        shown.get_by_role("button", name="▸ Let it run").click()
        expect(shown.locator(".hrow")).to_have_count(0)
        clicked[:] = took
        return median(took)

    found = best(answered, lambda ms: ms < ANSWERED_WITHIN_MS)
    row = {"median": found, "longest": max(clicked)}
    with capsys.disabled():
        report("a click on Deliver, until it is on screen", {"ms": row})
    assert found < ANSWERED_WITHIN_MS


def test_a_thousand_segments_stay_smooth(shown: Locator, page: Page, capsys) -> None:
    """Scrolled through: thirty frames a second or more, nineteen of twenty."""
    slow: list[float] = []

    def scrolled() -> float:
        page.evaluate("() => { const all = document.querySelector('.tl .stage'); all.scrollTop = all.scrollHeight; }")
        frames = page.evaluate(_SCROLL)
        assert len(frames) > 100, "It is not a thousand segments tall."
        slow[:] = [median(frames), percentile(frames, 95)]
        return slow[1]

    found = best(scrolled, lambda ms: ms <= FRAME_MS)
    with capsys.disabled():
        report("a ladder of 1,000 segments, scrolled", {"ms/frame": {"median": slow[0], "95 of 100": found}})
    assert found <= FRAME_MS
