"""The controls of the labs' live pictures: each used by mouse and by keys, its effect seen in the page and the kernel.

A lab has run when they are used, and taken its world down: so each picture brings up fresh hosts by its button first,
and is left with its world down again.
"""

import re
from collections.abc import Callable

from browser import live
from browser.live import cell_of_port, picture
from browser.opened import PANEL, Opened
from playwright.sync_api import Locator, expect

GONE = "This world is down."
MAP = "Course map"
_HERE = "from tcplab import Testbed, TcpState, sockets\nhere = Testbed.newest()\n"
_OPEN = "path => { void window.jupyterapp.commands.execute('docmanager:open', { path }); }"
_PATH = f"() => {{ {PANEL} return panel.context.path; }}"
_IN_FRONT = f"path => {{ {PANEL} return panel.context?.path.startsWith(path); }}"
_END = f"""async () => {{ {PANEL} await panel.context.sessionContext.ready;
    await panel.context.sessionContext.shutdown(); panel.dispose(); }}"""

Use = Callable[[Opened, Locator], None]


def use(notebook: Opened, label: str, control: Use) -> None:
    """Bring a picture's world up by its button, use its controls, and take the world down."""
    shown = picture(notebook.page, label)
    if has_world := label != MAP:
        expect(shown.locator(".trouble")).to_contain_text(GONE)
        shown.get_by_role("button", name="Bring it up again").click()
        expect(shown.locator(".trouble")).to_be_hidden()
    control(notebook, shown)
    if has_world:
        done(notebook, "here.down()")


def done(notebook: Opened, source: str) -> None:
    """Have the kernel do something in the picture's world, `here`."""
    notebook.ask(_HERE + source)


def told(notebook: Opened, source: str) -> str:
    """What the kernel says to an expression about the picture's world, `here`."""
    return notebook.ask(f"{_HERE}print({source})")


def typed(box: Locator, value: str) -> None:
    """Fill a box by keys."""
    box.fill(value)
    box.press("Enter")


def copied(shown: Locator) -> str:
    """Press the button that copies the lines of code, and return what the clipboard has then."""
    shown.locator(".code").get_by_role("button", name=re.compile("^Copy")).first.click()
    text: str = shown.page.evaluate("() => navigator.clipboard.readText()")
    return text


# ---- one function a picture


def world(notebook: Opened, shown: Locator) -> None:
    """A click lists a host's sockets, arrows go from host to host, Enter lists, Esc closes."""
    done(notebook, "kept = [here.server.listen(8081)]\nkept += [here.client.connect(here.server, 8081) for _ in '123']")
    caption = shown.locator(".of-host caption")
    shown.get_by_role("button", name="client", exact=True).click()
    expect(caption).to_have_text(f"client: {told(notebook, 'len(sockets(here.client))')} sockets")
    shown.page.keyboard.press("ArrowRight")
    shown.page.keyboard.press("Enter")
    expect(caption).to_have_text(f"server: {told(notebook, 'len(sockets(here.server))')} sockets")
    expect(shown.locator(".of-host tbody tr").first).to_contain_text("8081")
    assert copied(shown) == "%on server ss -tano\nshow(sockets(bed.server))"
    shown.get_by_role("button", name="server", exact=True).focus()
    shown.page.keyboard.press("Escape")
    expect(caption).to_be_hidden()


def course(notebook: Opened, shown: Locator) -> None:
    """A click on a link opens its lab, with a kernel; arrows go from link to link, and Enter opens."""
    page, home = notebook.page, notebook.page.evaluate(_PATH)
    links = shown.locator("td.title a")

    def opens(number: str) -> None:
        page.wait_for_function(_IN_FRONT, arg=f"{number}-")
        page.evaluate(_END)
        page.evaluate(_OPEN, home)
        page.wait_for_function(_IN_FRONT, arg=home)

    links.nth(3).click()
    opens("03")
    links.nth(1).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    opens("02")


def ladder(notebook: Opened, shown: Locator) -> None:
    """A click or arrows choose a segment, whose header is shown; another connection is chosen from the list."""
    done(notebook, "kept = [here.server.listen(8081), here.server.listen(8082)]")
    for port in (8081, 8082):
        done(notebook, f"here.client.connect(here.server, {port}).close()")
    flags, which = shown.locator(".hf.flags .set"), shown.get_by_label("Which connection")
    expect(which.locator("option")).to_have_count(3)  # "the newest" and both: none of them is news any more
    shown.locator("tr[data-number]").first.click()
    expect(flags).to_have_text(["S"])
    shown.locator(".stage").focus()
    for key in ("Home", "ArrowDown"):
        shown.page.keyboard.press(key)
    expect(flags).to_have_text(["A", "S"])
    assert told(notebook, "[each.flags for each in here.wire.segments][:2]") == "['S', 'SA']"
    which.select_option("0")
    expect(shown.locator(".lines code")).to_have_text("ladder(bed.wire.segments, which=0)")
    which.press("Home")
    expect(shown.locator(".lines code")).to_have_text("ladder(bed.wire.segments)")


def machine(notebook: Opened, shown: Locator, *, by_keys: bool) -> None:
    """Connect once makes a connection; a state explains itself when it is clicked, or walked to."""
    button = shown.get_by_role("button", name="Connect once")
    button.press("Enter") if by_keys else button.click()
    expect(shown.get_by_role("row", name="client")).to_contain_text("TIME_WAIT")
    assert told(notebook, "[str(each.state) for each in sockets(here.client)]") == "['TIME_WAIT']"
    heading = shown.locator(".panel").get_by_role("heading")
    if by_keys:
        shown.locator('.state[tabindex="0"]').focus()
        shown.page.keyboard.press("Home")
        shown.page.keyboard.press("ArrowUp")
        expect(heading).to_have_text("SYN_SENT")
    else:
        shown.locator('[data-state="TIME_WAIT"]').click()
        expect(heading).to_have_text("TIME_WAIT")
    shown.get_by_label("Connection", exact=True).select_option(index=1)
    expect(shown.get_by_role("row", name="client")).to_contain_text("TIME_WAIT")


def debugger(notebook: Opened, shown: Locator, *, by_keys: bool) -> None:
    """Pause; deliver, delay and duplicate a handshake; drop a FIN; let it run: each is in the wire's record."""
    keys = shown.page.keyboard

    def press(name: str, key: str) -> None:
        if by_keys:
            shown.locator('.hrow button[tabindex="0"]').focus()
            keys.press(key)
        else:
            shown.locator(".hrow").first.get_by_role("button", name=name).click()

    def waits(*flags: str) -> None:
        rows = shown.locator(".hrow b")
        live.waits(shown, lambda ms: expect(rows).to_have_text(list(flags), timeout=ms))

    pause = shown.get_by_role("button", name="Pause the wire")
    pause.press("p") if by_keys else pause.click()
    expect(shown.get_by_role("button", name="Let it run")).to_be_visible()
    assert "hold()" in told(notebook, "here.wire.rules")
    begin = "import threading\nkept = [here.server.listen(8081)]\n"
    done(
        notebook, f"{begin}threading.Thread(target=lambda: kept.append(here.client.connect(here.server, 8081))).start()"
    )
    waits("SYN")
    press("Deliver", "d")
    waits("SYN, ACK")
    press("Delay", "l")
    delay = shown.get_by_label("Delay, ms")
    delay.fill("1")
    delay.press("Enter") if by_keys else shown.get_by_role("button", name="Delay it", exact=True).click()
    waits("ACK")
    press("Duplicate", "2")
    waits()
    assert told(notebook, "[str(each.state) for each in sockets(here.client)]") == "['ESTABLISHED']"
    done(notebook, "from tcplab import wait_until\nwait_until(lambda: kept[1:], within_s=30)\nkept[1].close()")
    waits("FIN, ACK")
    press("Drop", "x")
    waits()
    mine = "each.fate.name not in ('SWALLOWED', 'DELIVERED')"  # repeats are swallowed, more of them on a slow machine
    fates = told(notebook, f"[(each.flags, str(each.fate)) for each in here.wire.segments if {mine}]")
    assert fates.endswith("('A', 'duplicated'), ('FA', 'dropped')]")
    run = shown.get_by_role("button", name="Let it run")
    run.press("p") if by_keys else run.click()
    expect(pause).to_be_visible()
    assert told(notebook, "here.wire.rules") == "()"


def portmap(notebook: Opened, shown: Locator, *, host: str, other: str) -> None:
    """A click on a port tells what is on it; the arrows lead to its neighbours, Esc closes."""
    done(notebook, f"kept = [here.{other}.listen(81)]\nkept += [here.{host}.connect(here.{other}, 81)]")
    port = int(told(notebook, "kept[1].getsockname()[1]"))
    tip = shown.locator(".tip")
    expect(shown.locator(".legend").get_by_text("ESTABLISHED 1", exact=True)).to_be_visible()
    shown.locator(".cells").click(position=cell_of_port(port))
    expect(tip).to_contain_text(f":{port} → ")
    expect(tip).to_contain_text(told(notebook, f"sockets(here.{host})[0].state"))
    shown.page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("is free: no socket has it.")
    shown.page.keyboard.press("ArrowLeft")
    expect(tip).to_contain_text(f":{port} → ")
    shown.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
