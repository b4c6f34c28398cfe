"""The sysctls of a host: what is set now, what is the default, what one may type, and the line that does it."""

from typing import Any

import traitlets

from tcplab.errors import BadValue, SysctlMissing, SysctlRefused
from tcplab.live.source import script, style
from tcplab.live.sysctl_table import SOURCES, SYSCTLS, Sysctl
from tcplab.live.view import View
from tcplab.testbed import Testbed
from tcplab.testbed.parts import host_named
from tcplab.world import sysctl
from tcplab.world.host import Host

NONE_HERE = "this kernel has none"


def settings(host: Host, *names: str) -> "Settings":
    """Show the sysctls of a host, live, to be looked at and changed; only its own namespace changes.

    Args:
        host: A host of a bed that is up.
        names: Which, by their short names; all that the labs use if none is given. A button shows the others.

    Raises:
        BadValue: It is no host, or no lab uses a sysctl of that name.

    >>> settings(bed.client, "tcp_tw_reuse", "ip_local_port_range")       # doctest: +SKIP
    """
    if not isinstance(host, Host):
        raise BadValue("host", host, "a host of a bed that is up, such as bed.client")
    for name in names:
        if name not in SYSCTLS:
            raise BadValue("name", name, ", ".join(SYSCTLS))
    return Settings(Testbed.of(host), host.name, names)


class Settings(View):
    """The panel of one host.

    What a click asks: `do_set` a value, `do_reset` one or all to the defaults, `do_more` rows.
    """

    _esm = script("copy.js", "code.js", "settings.js")
    _css = style("settings.css")
    period_s = 0.5

    host = traitlets.Unicode().tag(sync=True)
    kernel = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    code = traitlets.List().tag(sync=True)
    every = traitlets.Bool().tag(sync=True)

    def __init__(self, bed: Testbed, host: str, names: tuple[str, ...]) -> None:
        self._bed = bed
        self._names = names or tuple(SYSCTLS)
        self._defaults: dict[str, str] = {}
        super().__init__(host=host, kernel=SysctlMissing("").kernel, every=not names)
        self._meet()

    def _meet(self) -> None:
        """Ask for the defaults, once for each world: a fresh namespace has them."""
        self._defaults = sysctl.fresh(self._host, *(one.name for one in SYSCTLS.values()))
        self._look()

    @property
    def _host(self) -> Host:
        return host_named(self._bed, self.host)

    def _again(self) -> None:
        self._bed.again()
        self.code = []
        self._meet()

    # ---- looked at

    def _look(self) -> None:
        shown = [*self._names, *(name for name in SYSCTLS if self.every and name not in self._names)]
        self.rows = [self._row(SYSCTLS[name]) for name in shown]
        changed = sum(row["changed"] for row in self.rows)
        told = {0: "every setting shown is as by default", 1: "1 setting is not as by default"}
        self.lead = f"{self.host}: {told.get(changed, f'{changed} settings are not as by default')}."
        self.words = self.twin()

    def _row(self, one: Sysctl) -> dict[str, Any]:
        try:
            value = self._host.sysctl(one.name)
        except SysctlMissing:
            value = None
        default = self._defaults.get(one.name)
        return {
            "name": one.name,
            "short": one.short,
            "says": one.says,
            "allowed": one.allowed,
            "source": one.source,
            "url": SOURCES[one.source],
            "value": value,
            "default": default,
            "why": one.by_machine,
            "changed": None not in (value, default) and value != default,
        }

    def twin(self) -> str:
        """Return the table of the settings that are shown, then the lines that were done here."""
        lines = []
        for row in self.rows:
            default = row["why"] or row["default"] or "not known"
            said = f"{row['value']:<14} default: {default}" if row["value"] is not None else NONE_HERE
            lines.append(f"{row['name']:<34} {said}{', changed' if row['changed'] else ''}")
        return "\n".join([self.lead, *lines, *(f"$ {line}" for line in self.code)])

    # ---- asked

    def do_set(self, name: str = "", value: object = "") -> dict[str, Any]:
        """Set one, as somebody typed it; what cannot be is told with the value that stays."""
        if name not in SYSCTLS:
            raise BadValue("name", name, ", ".join(SYSCTLS))
        one, typed = SYSCTLS[name], " ".join(str(value).split())
        before = self._host.sysctl(one.name)
        if complaint := one.complaint(typed):
            return _stays(complaint, before)
        try:
            now = sysctl.put(self._host, one.name, typed)
        except SysctlRefused as refused:
            return _stays(f"The kernel said: {refused.strerror}. The value is still {before}.", before)
        if now != before:
            self.code = [*self.code, one.command(now)]
        self.look()
        adapted = f"You asked for {typed}. The kernel made it {now}." if now != typed else ""
        return {"value": now, "adapted": adapted}

    def do_reset(self, name: str = "") -> dict[str, Any]:
        """Put one back to its default; without a name, all that are shown."""
        for row in self.rows:
            if row["changed"] and name in ("", row["short"]):
                self.do_set(row["short"], row["default"])
        return {}

    def do_more(self) -> dict[str, Any]:
        """Show the other settings as well."""
        self.every = True
        self.look()
        return {}


def _stays(says: str, value: str) -> dict[str, Any]:
    return {"wrong": says, "button": f"Put {value} back", "value": value}
