"""The kernel's counters of one host at one moment; two of them subtract."""

from collections.abc import Iterator, Mapping


class Counters(Mapping[str, int]):
    """Counters by the names that `nstat -az` gives them; what `sockstat` holds as "sockstat.TCP.tw".

    >>> before = Counters({"TcpActiveOpens": 3, "IpInReceives": 9})
    >>> after = Counters({"TcpActiveOpens": 5, "IpInReceives": 9})
    >>> (after - before).changed()
    TcpActiveOpens  2

    Source: nstat(8), the kernel's snmp_counter document. The sockstat values are gauges, so they may fall.
    """

    __slots__ = ("_values", "host")

    def __init__(self, values: Mapping[str, int], *, host: str = "") -> None:
        self.host = host
        self._values = dict(values)

    def __getitem__(self, name: str) -> int:
        try:
            return self._values[name]
        except KeyError:
            raise KeyError(self._unknown(name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __sub__(self, before: "Counters") -> "Counters":
        """What was counted between two looks: every name of both, with its difference."""
        if not isinstance(before, Counters):
            return NotImplemented
        differences = {name: self.get(name, 0) - before.get(name, 0) for name in {**self, **before}}
        return Counters(differences, host=self.host)

    def changed(self) -> "Counters":
        """Only what is not zero: after a subtraction, what moved."""
        return Counters({name: value for name, value in self._values.items() if value}, host=self.host)

    def __repr__(self) -> str:
        moved = {name: value for name, value in self._values.items() if value}
        if not moved:
            return f"all {len(self)} counters are 0" if self._values else "no counters"
        wide, deep = max(map(len, moved)), max(len(str(value)) for value in moved.values())
        lines = [f"{name:<{wide}}  {value:>{deep}}" for name, value in moved.items()]
        if zero := len(self) - len(moved):
            lines.append(f"and {zero} that are 0")
        return "\n".join(lines)

    def _unknown(self, name: object) -> str:
        from difflib import get_close_matches

        word = str(name).lower()
        by_lower = {known.lower(): known for known in self._values}
        near = get_close_matches(word, by_lower, n=3, cutoff=0.6) or [known for known in by_lower if word in known][:3]
        hint = f" Near it: {', '.join(by_lower[known] for known in near)}." if near else ""
        return f"This kernel has no counter {name}.{hint} List them: nstat -az"
