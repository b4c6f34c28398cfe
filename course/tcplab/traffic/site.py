"""A learner's part of an nginx configuration: given to a proxy that runs, and tried with a load."""

import re
from pathlib import Path

from tcplab.errors import BadValue, CommandFailed, NginxRefused
from tcplab.model.site_trial import SiteTrial
from tcplab.observe.counters import counters
from tcplab.traffic.ab import ab
from tcplab.traffic.configuration import conf_path
from tcplab.traffic.defaults import pools_by_default, spelled_out
from tcplab.traffic.nginx import nginx
from tcplab.world.host import Host

BEFORE, FRAME = "proxy-on", "proxy-site"
_OLD = Path("as-before-1.29.7")


def tried(site: str | Path, client: Host, proxy: Host, *, requests: int = 500) -> SiteTrial:
    """Start a proxy with the blog's "on", give it a file of one's own by a reload, and put load on it.

    Beside the file the whole configuration is written that includes it, proxy-site.conf.

    Args:
        site: A file named site.conf: upstream{} and server{}. An nginx from 1.29.7 on is given a copy in a folder
            beside it, with the older defaults spelled out: there a pool must be asked for.
        client: Where the load comes from, without persistent connections.
        proxy: Where nginx runs.
        requests: How many; one of them at a time.

    Returns: What came of it; a file that nginx does not take is told there, and raises nothing.

    Raises:
        BadValue: There is no such file.
    """
    own = Path(site).absolute()
    if own.name != "site.conf" or not own.is_file():
        raise BadValue("site", str(site), "the path of a file named site.conf, as %%writefile site.conf makes it")
    before, frame = conf_path(BEFORE).read_text(), conf_path(FRAME).read_text()
    folder = own.parent
    if pools_by_default(proxy):
        before, frame = spelled_out(before), spelled_out(frame)
        folder /= _OLD
        folder.mkdir(exist_ok=True)
        (folder / own.name).write_text(spelled_out(own.read_text()))

    whole = folder / f"{FRAME}.conf"
    whole.write_text(before)
    refused = ""
    with nginx(proxy, whole) as running:
        whole.write_text(frame)
        try:
            running.reload()
        except NginxRefused as said:
            refused = short(said.reason)
        counted = counters(proxy)
        answered = _answered(client, requests)
        opened = (counters(proxy) - counted)["TcpActiveOpens"]
    return SiteTrial(requests, answered, opened, refused)


def _answered(client: Host, requests: int) -> int:
    try:
        report = ab(client, "http://proxy/hello", requests=requests)
    except CommandFailed:  # nobody listens any more
        return 0
    return report.complete_requests - max(report.failed_requests, report.non_2xx_responses)


def short(reason: str) -> str:
    """Return what nginx said without the folders of the files that it names.

    >>> short('unknown directive "keepaliv" in /home/you/site.conf:3')
    'unknown directive "keepaliv" in site.conf:3'
    """
    return re.sub(r"(?<= )/\S*/", "", reason)
