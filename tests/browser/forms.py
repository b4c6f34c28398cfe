"""The controls that are filled in: settings, the dial, the benchmark's form, a quiz; see controls.py."""

from browser.controls import told, typed
from browser.opened import Opened
from playwright.sync_api import Locator, expect


def settings(notebook: Opened, shown: Locator, *, host: str, name: str, refused: tuple[str, str]) -> None:
    """What is typed is the kernel's; what cannot be is told with a button; all go back, others are shown."""
    value = f"here.{host}.sysctl('{name}')"
    box, before = shown.get_by_label(name, exact=True), told(notebook, value)
    typed(box, "1")
    expect(shown.locator(".code pre")).to_have_text(f"sudo sysctl -w net.ipv4.{name}=1")
    assert told(notebook, value) == "1"
    typed(box, refused[0])
    expect(shown.get_by_role("alert").filter(has_text=refused[1])).to_be_visible()
    shown.get_by_role("button", name="Put 1 back", exact=True).click()
    expect(box).to_have_value("1")
    shown.get_by_role("button", name="Put all back").press("Enter")
    expect(box).to_have_value(before)
    assert told(notebook, value) == before
    shown.get_by_role("button", name="Show the labs' other settings").click()
    expect(shown.get_by_label("somaxconn", exact=True)).to_have_value(
        told(notebook, f"here.{host}.sysctl('somaxconn')")
    )


def dial(notebook: Opened, shown: Locator) -> None:
    """Keys, the mouse and a number turn it; the wire has one rule for it; what is no round trip has a button."""
    slider, number = shown.get_by_role("slider"), shown.get_by_role("textbox")
    slider.press("ArrowRight")
    expect(shown.locator(".code pre")).to_have_text("slow = bed.wire.delay(rtt_ms=1)")
    assert told(notebook, "here.wire.rules[0].call, len(here.wire.rules)") == "delay(rtt_ms=1) 1"
    slider.click()
    expect(shown.locator(".lead")).to_contain_text(f"{slider.input_value()} ms there and back")
    assert told(notebook, "here.wire.rules[0].call") == f"delay(rtt_ms={slider.input_value()})"
    typed(number, "30")
    typed(number, "soon")
    shown.get_by_role("button", name="Put 30 back").click()
    expect(number).to_have_value("30")
    assert told(notebook, "here.wire.rules[0].adds_ms") == "30.0"
    slider.press("Home")
    expect(shown.locator(".lead")).to_contain_text(": 0 ms there and back")
    assert told(notebook, "here.wire.rules") == "()"


def runner(notebook: Opened, shown: Locator) -> None:
    """A form by mouse and keys, Run by a click, rounds arrive, and a stop by keys leaves nothing running."""
    programs = 'here.client.run(["pgrep", "-lf", "nginx|ab -n|application"], expect=None).stdout'
    typed(shown.get_by_label("rounds", exact=True), "3")
    shown.get_by_role("button", name="Put 5 back").click()
    typed(shown.get_by_label("requests", exact=True), "10000")
    typed(shown.get_by_label("at a time (-c)", exact=True), "2")
    shown.get_by_label("-k").press("Space")
    shown.get_by_label("off", exact=True).click()
    expect(shown.locator(".code pre")).to_contain_text("requests=10000, concurrency=2, persistent=False")
    expect(shown.locator(".code pre")).to_contain_text('("on", "pool", "direct")')
    shown.get_by_role("button", name="Run", exact=True).click()
    expect(shown.get_by_role("button", name="Stop")).to_be_focused()
    assert any(told(notebook, programs) for _ in range(100))  # they begin a moment later
    shown.page.keyboard.press("Enter")
    expect(shown.locator(".lead")).to_contain_text("Nothing of it runs any more.")
    assert told(notebook, programs) == ""


def quiz(notebook: Opened, lab: str) -> None:
    """Choose the first answer to the last question with a click, and the second with Tab and the space bar."""
    kept = f"from tcplab.notebook.kept import chosen\nprint(chosen({lab!r}))"
    asked = notebook.page.locator(".jp-NotebookPanel:visible .widget-radio-box").last
    answers = asked.get_by_role("radio")
    said = notebook.page.locator(".jp-NotebookPanel:visible .widget-html [role=status]").last
    answers.first.click()
    expect(said).not_to_be_empty()
    first, at_first = said.inner_text(), notebook.ask(kept)
    answers.first.press("Tab")
    notebook.page.keyboard.press("Space")
    expect(answers.nth(1)).to_be_checked()
    expect(said).not_to_have_text(first)
    assert notebook.ask(kept) != at_first
