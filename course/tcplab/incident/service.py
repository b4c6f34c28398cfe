"""The service that breaks: nginx before a shop, each a file beside the notebook, over two programmable wires."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from tcplab.errors import SysctlMissing
from tcplab.model.incident import Setup
from tcplab.model.state import TcpState
from tcplab.observe.counters import counters
from tcplab.observe.sockets import glance
from tcplab.testbed import Testbed
from tcplab.traffic.forget import forget_all
from tcplab.traffic.nginx import Nginx, nginx
from tcplab.traffic.program import Program, Running
from tcplab.world.host import Host
from tcplab.world.sysctl import sysctls

if TYPE_CHECKING:
    from tcplab.wire.rules import Rule

FILES = Path(__file__).with_name("files")
SHOP, OTHER_SHOP, PUBLISHED, STORE, AGENT = 8080, 8081, 8000, 9100, 9101
WATCHED = (
    "net.core.somaxconn",
    "net.netfilter.nf_conntrack_tcp_loose",
    "net.netfilter.nf_conntrack_tcp_timeout_established",
    "ip_local_port_range",
    "tcp_abort_on_overflow",
    "tcp_fin_timeout",
    "tcp_keepalive_time",
    "tcp_max_syn_backlog",
    "tcp_max_tw_buckets",
    "tcp_orphan_retries",
    "tcp_rfc1337",
    "tcp_timestamps",
    "tcp_tw_reuse",
)

_CLOSING = {TcpState.FIN_WAIT1, TcpState.FIN_WAIT2, TcpState.CLOSING, TcpState.LAST_ACK}
_CLOSED_WITHIN_S, _PAUSE_S = 0.2, 0.02


def wait(within_s: float, happened: Callable[[], bool] = lambda: False) -> None:
    """Wait for something, no longer than so many seconds."""
    pause, deadline = Event(), monotonic() + within_s
    while monotonic() < deadline and not happened():
        pause.wait(_PAUSE_S)


class Service:
    """The hosts, the files and the programs of one case."""

    def __init__(self, bed: Testbed, folder: Path) -> None:
        self.bed, self.folder = bed, folder
        self.ports: dict[str, tuple[int, int]] = {}
        self.programs: dict[str, Callable[[], Running]] = {}
        self.restarted: set[str] = set()
        self.replaced: set[str] = set()
        self._running: dict[str, Running] = {}
        self._rules: dict[str, list[Rule]] = {}
        self._kept = ExitStack()  # nginx, and what else lives as long as the bed
        self._web: Nginx | None = None
        self.shop_files = 256
        self.other_pid = 0  # of a second shop
        self.tracks = False  # whether the backend has a firewall that tracks connections

    # ---- files

    def path(self, name: str) -> Path:
        """Return where a file of this case lies."""
        return self.folder / name

    def write(self, name: str) -> None:
        """Put a file beside the notebook, as it is in good days; yours of that name is kept."""
        path, text = self.path(name), (FILES / name).read_text()
        self.folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text() != text:
            path.replace(path.with_stem(f"{path.stem}-before"))
        path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file, which must be there."""
        text = self.path(name).read_text()
        if old not in text:
            raise AssertionError(f"{name} has no {old!r}")
        self.path(name).write_text(text.replace(old, new))

    # ---- programs

    def start(self) -> None:
        """Bring nginx and the shop up, from their files."""
        self.programs["shop.py"] = lambda: Program(self.path("shop.py")).start(
            self.bed.backend, SHOP, open_files=self.shop_files
        )
        self.run("shop.py")
        self._web = self._kept.enter_context(nginx(self.bed.proxy, self.path("proxy.conf")))

    @property
    def web(self) -> Nginx:
        """Return the nginx that runs."""
        if self._web is None:
            raise AssertionError("start() comes first")
        return self._web

    def reload(self) -> None:
        """Let nginx read its file again."""
        self.web.reload()

    def restart(self, name: str) -> Running:
        """Stop a program, let a minute go by, and start it again, from its file."""
        self.restarted.add(name)
        self._running[name].stop()
        self.a_minute_later()
        return self.run(name)

    def run(self, name: str) -> Running:
        """Start a program of this case."""
        running = self._running[name] = self.programs[name]()
        return running

    def start_agent(self) -> None:
        """Bring up what keeps 60 lines from the proxy to a store on the backend."""
        Program(self.path("store.py")).start(self.bed.backend, STORE, open_files=256)
        self.programs["agent.py"] = lambda: Program(self.path("agent.py")).start(self.bed.proxy, AGENT, open_files=256)
        self.run("agent.py")

    def stop(self) -> None:
        """End what runs."""
        self._kept.close()

    # ---- settings and wires

    def sysctl(self, host: Host, **values: int | str | tuple[int, ...]) -> None:
        """Set sysctls of a host, and leave them so."""
        self._kept.enter_context(sysctls(host, **values))

    def drop(self, wire: str, **condition: object) -> None:
        """Let a wire lose segments from now on."""
        rule = self.bed.wires[wire].drop(**condition)  # type: ignore[arg-type]
        self._rules.setdefault(wire, []).append(rule)

    def replace(self, wire: str) -> None:
        """Put a new cable in: it loses nothing."""
        for rule in self._rules.pop(wire, []):
            rule.remove()
        self.replaced.add(wire)

    def setup(self) -> Setup:
        """Return how all is set up now."""
        settings: dict[str, dict[str, str]] = {}
        for name, host in self.bed.hosts.items():
            settings[name] = {}
            for sysctl in WATCHED:
                try:
                    settings[name][sysctl.rpartition(".")[2]] = host.sysctl(sysctl)
                except SysctlMissing:  # an older kernel
                    continue
        files = {path.name: path.read_text() for path in self.folder.iterdir() if path.suffix in (".conf", ".py")}
        return Setup(settings, files, self._firewall())

    def _firewall(self) -> str:
        """Return the rules of the backend's firewall as the kernel has them, without counters."""
        return self.bed.backend.run(["nft", "-s", "list", "ruleset"]).stdout if self.tracks else ""

    def recall(self, then: Setup) -> None:
        """Set settings and files as they were, and let nginx and the programs know."""
        now = self.setup()
        self.reload()  # its pool gives back the ports that a program may bind
        for name, host in self.bed.hosts.items():
            values = {key: value for key, value in then.settings[name].items() if now.settings[name][key] != value}
            self.sysctl(host, **values)
        if now.firewall != then.firewall:
            self.bed.backend.run(["nft", "-f", "-"], input=f"flush ruleset\n{then.firewall}")
        for name, text in then.files.items():
            if now.files[name] != text:
                self.path(name).write_text(text)
                if name in self.programs:
                    self.restart(name)
                else:
                    self.reload()
        self.restarted.clear()
        self.replaced.clear()

    # ---- time

    def a_minute_later(self) -> None:
        """Let every TIME_WAIT be over, without waiting for it."""
        self.bed.settle()
        if self.tracks:
            self._end_pooled()
        hosts = self.bed.hosts.values()
        wait(_CLOSED_WITHIN_S, lambda: not any(_CLOSING & glance(host).by_state().keys() for host in hosts))
        for host in hosts:
            if TcpState.TIME_WAIT in glance(host).by_state():
                forget_all(host, lambda: (segment for wire in self.bed.wires.values() for segment in wire.segments))

    def _end_pooled(self) -> None:
        """Let what rests in nginx's pool be over, too: forgotten lines would answer nobody, and last for long."""
        for host, way, port in ((self.bed.proxy, "dport", PUBLISHED), (self.bed.backend, "sport", SHOP)):
            host.run(["ss", "-KHtn4", "state", "connected", way, "=", f":{port}"], expect=None)

    def opened(self) -> int:
        """Count the connections that the proxy has opened since it came up."""
        return counters(self.bed.proxy)["TcpActiveOpens"]

    def agents_lines(self) -> int:
        """Count the agent's lines that are open."""
        return self.count(self.bed.proxy, TcpState.ESTABLISHED, STORE)

    @staticmethod
    def count(host: Host, state: TcpState, port: int) -> int:
        """Count the sockets of a host in a state, with a port at either end, as they are at this moment."""
        return glance(host).on_port(port).by_state().get(state, 0)
