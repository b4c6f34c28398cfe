"""nginx's defaults for connections to a backend, before 1.29.7 and since: the old ones, spelled out for a new nginx."""

import re
from pathlib import Path

from tcplab.traffic.configuration import conf_path
from tcplab.traffic.versions import number_of, program, release
from tcplab.world.host import Host

POOLS_FROM = (1, 29, 7)
"""The first version that keeps connections to an upstream{} without being asked to."""

_HTTP = re.compile(r"^(\s*http\s*\{)", re.MULTILINE)
_UPSTREAM = re.compile(r"^(\s*upstream\s+\S+\s*\{)([^}]*)", re.MULTILINE)
_KEEPS = re.compile(r"^[^#]*\bkeepalive\s+\d", re.MULTILINE)


def spelled_out(text: str) -> str:
    """Write nginx's defaults from before 1.29.7 into a configuration, each line staying on its line.

    HTTP/1.0 and "Connection: close" to the backend, and no pool; what the file says itself wins, as it did then.

    Source: nginx's CHANGES with 1.29.7.

    >>> spelled_out("upstream backend { server 198.51.100.2:8080; }")
    'upstream backend { keepalive 0; server 198.51.100.2:8080; }'
    >>> spelled_out("upstream backend { keepalive 8; }")
    'upstream backend { keepalive 8; }'
    """

    def without_pool(block: re.Match[str]) -> str:
        return block[0] if _KEEPS.search(block[2]) else f"{block[1]} keepalive 0;{block[2]}"

    text = _HTTP.sub(r"\1 proxy_http_version 1.0; proxy_set_header Connection close;", text)
    return _UPSTREAM.sub(without_pool, text)


def pools_by_default(host: Host, version: str | None = None) -> bool:
    """Tell whether an nginx keeps connections to an upstream{} without being asked to."""
    return release(number_of(host, program(version))) >= POOLS_FROM


def as_before(conf: str, host: Host) -> str | Path:
    """Return a configuration that acts as nginx did before 1.29.7, whatever version the machine has.

    Args:
        conf: "proxy-off", "proxy-pool", …
        host: Where nginx is to run.

    Returns: the name as it is, where the machine's own nginx is older; else a file in this folder, which is written
        anew, with the old defaults spelled out.

    >>> with nginx(bed.proxy, as_before("proxy-off", bed.proxy)):     # doctest: +SKIP
    ...     ab(bed.client, "http://proxy/hello")
    """
    if not pools_by_default(host):
        return conf
    written = Path(f"{conf}-as-before-1.29.7.conf").absolute()
    written.write_text(spelled_out(conf_path(conf).read_text()))
    return written
