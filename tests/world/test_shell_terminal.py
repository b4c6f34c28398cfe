"""`tcplab shell HOST` on a terminal: prompt, keys, size, exit codes, and what stays when it is gone."""

import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path

import pytest
from tcplab import Testbed, wait_until
from tcplab.traffic.nginx import Nginx, nginx

MARKS = re.compile(rb"\x1b\[\?2004[hl]\r?")  # readline's bracketed paste


class Terminal:
    """A person at `tcplab shell`: types, and reads until the prompt is back."""

    def __init__(self, host: str, folder: Path, *words: str) -> None:
        self.prompt = f"{host}$ "
        self.seen = ""
        self.screen, theirs = os.openpty()
        self.before = termios.tcgetattr(theirs)
        self.theirs = theirs
        argv = [sys.executable, "-m", "tcplab", "shell", host, "--world", str(os.getpid()), *words]
        self.process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder)

    def until(self, awaited: str, within_s: float = 30) -> str:
        """Read until a text has come, and return all that came up to its end."""
        deadline = time.monotonic() + within_s
        while awaited not in self.seen:
            ready, _, _ = select.select([self.screen], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{awaited!r} did not come within {within_s} s; seen: {self.seen!r}"
            self.seen += MARKS.sub(b"", os.read(self.screen, 65536)).decode()
        end = self.seen.index(awaited) + len(awaited)
        shown, self.seen = self.seen[:end], self.seen[end:]
        return shown

    def keys(self, typed: str) -> None:
        """Press keys."""
        os.write(self.screen, typed.encode())

    def type(self, line: str, within_s: float = 30) -> str:
        """Type a line and return what it printed, without echo and prompt."""
        self.keys(line + "\n")
        shown = self.until(self.prompt, within_s).replace("\r\n", "\n")
        return shown.removesuffix(self.prompt).partition("\n")[2]

    def close(self) -> int:
        """Leave with ^D if it is still there, and return the exit code."""
        if self.process.poll() is None:
            self.keys("\x04")
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.screen)
            os.close(self.theirs)


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    with Testbed.two_hosts(link="veth") as bed:
        yield bed


@pytest.fixture(scope="module")
def web(bed: Testbed) -> Iterator[Nginx]:
    with nginx(bed.server) as web:
        yield web


@pytest.fixture
def client(bed: Testbed, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal("client", tmp_path)
    terminal.until("client$ ")
    yield terminal
    terminal.close()


def test_a_prompt_names_the_host(client: Terminal) -> None:
    """What is typed runs in the host: its name, its addresses, the learner's own folder."""
    assert client.type("uname -n") == "client\n"
    assert "192.0.2.1/24" in client.type("ip -color=never -br address show eth0")
    assert client.type("pwd -P").strip() == os.path.realpath(f"/proc/{client.process.pid}/cwd")


def in_front(bed: Testbed) -> list[str]:
    """The programs that a terminal's keys go to: a "+" in their state."""
    rows = (line.split() for line in bed.client.run(["ps", "-e", "-o", "stat=,comm="]).stdout.splitlines())
    return [comm for state, comm in rows if "+" in state]


def test_interrupt_reaches_the_program_not_the_shell(client: Terminal, bed: Testbed) -> None:
    """^C ends what runs in the host, job control works, and the shell goes on."""
    client.keys("cat\n")
    wait_until(lambda: "cat" in in_front(bed), within_s=20, what="cat before the terminal")
    client.keys("what cat says again\n")
    client.until("what cat says again\r\nwhat cat says again\r\n")
    client.keys("\x03")
    client.until("client$ ")
    assert client.type("echo $?") == "130\n"
    assert "no job control" not in client.seen


@pytest.mark.skipif(not Path("/usr/bin/vi").exists(), reason="there is no vi on this machine")
def test_vi_has_a_terminal_here(client: Terminal, tmp_path: Path) -> None:
    """What a notebook's cell refuses works here: a word is typed into a file, and saved."""
    client.keys(f"vi -n -i NONE {tmp_path}/typed\n")
    client.until("typed")
    client.keys("ihello\x1b:wq\r")
    client.until("client$ ")
    assert (tmp_path / "typed").read_text() == "hello\n"


def test_size_follows_the_window(client: Terminal) -> None:
    """The far terminal has the size of ours, also after it changes."""
    for rows, columns in ((50, 132), (24, 80)):
        ioctl(client.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        client.process.send_signal(signal.SIGWINCH)
        client.keys("stty size\n")
        client.until(f"{rows} {columns}\r\nclient$ ")


def test_exit_code_and_terminal_come_back(bed: Testbed, tmp_path: Path) -> None:
    """`tcplab shell` ends with the shell's exit code and puts the terminal back as it was."""
    terminal = Terminal("client", tmp_path)
    terminal.until("client$ ")
    terminal.keys("exit 5\n")
    assert terminal.process.wait(10) == 5
    assert termios.tcgetattr(terminal.theirs) == terminal.before
    terminal.close()


def test_nothing_stays_when_it_is_killed(bed: Testbed, tmp_path: Path) -> None:
    """A kill -9 of the terminal's process ends the shell in the host and what runs in it."""
    terminal = Terminal("client", tmp_path)
    terminal.until("client$ ")
    inside = int(terminal.type("echo $$"))
    assert "bash" in bed.client.read(f"/proc/{inside}/cmdline")
    terminal.process.kill()
    terminal.process.wait(10)

    def gone() -> bool:
        try:
            return not bed.client.read(f"/proc/{inside}/cmdline")
        except (FileNotFoundError, ProcessLookupError):
            return True

    wait_until(gone, within_s=5, what="the end of the shell in the host")
    terminal.close()


def test_every_command_of_the_blog(client: Terminal, bed: Testbed, web: Nginx, tmp_path: Path) -> None:
    """Each command works as the blog prints it, its sudo included, in the blog's order."""
    client.keys("sudo tcpdump -A -vvv -nn port 80 -w tcpdump.pcap\n")
    client.until("listening on eth0")
    other = Terminal("client", tmp_path)
    other.until("client$ ")
    other.keys("telnet server 80\n")
    other.until("Escape character is '^]'.")
    other.keys("GET / HTTP/1.0\n\n")
    assert "This body is 52 bytes long." in other.until("Connection closed by foreign host.")
    other.until("client$ ")
    other.close()
    client.keys("\x03")
    assert "packets captured" in client.until("client$ ")
    assert (tmp_path / "tcpdump.pcap").stat().st_size >= 24

    assert "Failed requests:        0" in client.type("ab -n 10000 -c 1 http://server/hello", within_s=60)

    name = "net.ipv4.ip_local_port_range"
    assert client.type(f"sudo sysctl {name}") == f"{name} = 32768\t60999\n"
    assert client.type(f"sudo sysctl -w {name}='32768 32768'") == f"{name} = 32768 32768\n"
    assert "sysctl" not in client.type("sysctl net.ipv4.tcp_max_tw_buckets").partition(" = ")[0]

    # One port, and two addresses of the server: two requests pass, as in the blog, then none does.
    body = "Hello from the server. This body is 52 bytes long.\r\n"
    assert client.type("curl http://server/") == body
    assert client.type("sudo curl http://server/") == body
    assert "curl: (7)" in client.type("curl http://server/")

    def held() -> list[str]:
        return client.type("sudo netstat -napo | grep -i time_wait").splitlines()

    wait_until(lambda: len(held()) == 2, within_s=10, what="the FINs of nginx")
    assert [":32768 " in line and "timewait (" in line for line in held()] == [True, True]

    assert client.type("sysctl net.ipv4.tcp_tw_reuse") == "net.ipv4.tcp_tw_reuse = 2\n"
    assert client.type("sudo sysctl -w net.ipv4.tcp_tw_reuse=1") == "net.ipv4.tcp_tw_reuse = 1\n"
    wait_until(lambda: client.type("curl http://server/") == body, within_s=10, what="reuse after its second")

    server = Terminal("server", tmp_path)
    server.until("server$ ")
    assert server.type("sudo service nginx reload; echo $?") == "0\n"
    server.close()
