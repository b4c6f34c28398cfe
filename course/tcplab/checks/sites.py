"""A configuration that is to reuse its upstream connections, judged by how many were opened."""

import re
from enum import Enum

from tcplab.checks.exercise import not_attempted, not_yet, passed
from tcplab.checks.misconception import Lead, Misconception
from tcplab.model.evidence import Verdict
from tcplab.model.site_trial import SiteTrial

_ON = " Meanwhile the proxy serves on with the configuration that it had."


class NotReused(Misconception, Enum):
    """What those may think whose file nginx does not take, or takes and reuses nothing."""

    LOCATIONS_POOL = (
        "the pool is the location's",
        "The pool belongs to upstream{}, beside the servers that it is for." + _ON,
    )
    NO_LIMIT = (
        "0 means without a limit",
        "0 would be a pool for no connection. nginx wants to know how many." + _ON,
    )
    NO_END = (
        "a line needs no end",
        "nginx names the line where it noticed. Does each line end with a semicolon?" + _ON,
    )
    ANYWHERE = (
        "a line works wherever it stands",
        "How to ask belongs to the location, beside proxy_pass; the pool is the other block's." + _ON,
    )
    NAME = "a name is a comment", "proxy_pass asks for a name that no upstream{} bears, and no host." + _ON
    DECORATION = (
        "the upstream block is a decoration",
        "Without upstream{} the name `backend` is a host's, and http:// means its port 80. Nobody listens there.",
    )
    BY_ITSELF = (
        "the proxy answers by itself",
        "All answered, and the proxy has asked nobody. The answers are to be the backend's.",
    )
    FEW = (
        "a connection is good for a few requests",
        "Reused, and given up soon. What ends a connection after so few requests?",
    )
    ADDRESS = (
        "any address pools",
        "proxy_pass goes past your upstream: it names an address. A pool belongs to a name.",
    )
    TIMEOUT = (
        "a timeout makes a pool",
        "You said how long a connection may rest. Not that any shall be kept.",
    )
    CLIENTS_TIMEOUT = (
        "keepalive_timeout is the upstream's",
        "So the blog has it. keepalive_timeout in a location is a clock for *clients*: you have counted that.",
    )
    HTTP_1_1 = "HTTP/1.1 is enough", "HTTP lets a connection live now, and nginx has nowhere to keep it."
    NO_POOL = "0 means without a limit", "A pool for no connection keeps none."
    HTTP_1_0 = "the pool is enough", "There is a pool, and nothing gets into it: by which HTTP does nginx ask?"
    NO_REST = (
        "0 means without a limit",
        "There is a pool, and in it a connection may rest for 0 s. So none does.",
    )
    HEADER = (
        "HTTP/1.1 is enough for the header",
        "There is a pool, by HTTP/1.1, and each request still says `Connection: close`. Who clears that line?",
    )


def judged_site(trial: object, text: str) -> Verdict:
    """Judge a trial of a configuration.

    Args:
        trial: what came of it; `...` says: not attempted
        text: the file as the learner wrote it; what it did is judged, its words only name the idea behind it
    """
    if trial is ... or re.search(r"^\s*\.\.\.", text, re.MULTILINE):
        return not_attempted()
    if not isinstance(trial, SiteTrial):
        return not_yet("Let it be tried: tried(…) returns what came of it.", expected="a trial", got=f"{trial!r}")
    plain = re.sub(r"#.*", "", text)
    got = f"{trial.requests:,} requests, {trial.answered:,} answered, {trial.opened:,} connections to the backend"
    if trial.refused:
        return not_yet(_refused(trial.refused, plain), expected="a file that nginx takes", got=trial.refused)
    if trial.answered < trial.requests:
        return not_yet(_unanswered(plain), expected="every request answered", got=got)
    if not trial.opened:
        return not_yet(NotReused.BY_ITSELF, expected="the backend's answers", got=got)
    if trial.each_opens <= 0.05:
        each = "one connection" if trial.opened == 1 else f"{trial.opened:,} connections"
        return passed(
            f"{trial.requests:,} requests, {each} to the backend. It is the count that says so, not the file."
        )
    return not_yet(_not_reused(trial, plain), expected="a connection for many requests", got=got)


def _refused(said: str, text: str) -> Lead:
    if '"keepalive" directive is not allowed here' in said:
        return NotReused.LOCATIONS_POOL
    if 'invalid value "0" in "keepalive"' in said:
        return NotReused.NO_LIMIT
    if _unended(text) and ("unexpected" in said or "number of arguments" in said or "terminated" in said):
        return NotReused.NO_END
    if "unexpected" in said:
        return "nginx names the line where it noticed. Does each { have its }?" + _ON
    if "is not allowed here" in said:
        return NotReused.ANYWHERE
    if "host not found in upstream" in said:
        return NotReused.NAME
    return "nginx does not take the file, and says in which line." + _ON


def _unanswered(text: str) -> Lead:
    if not _blocks(text, "upstream"):
        return NotReused.DECORATION
    return "Ask the proxy yourself, with curl -v, while it runs; its error.log says whom it did not reach."


def _not_reused(trial: SiteTrial, text: str) -> Lead:
    pools = "\n".join(_blocks(text, "upstream"))
    size = re.search(r"\bkeepalive\s+(\d+)", pools)
    if trial.opened < trial.requests:
        return NotReused.FEW
    if not pools or not re.search(r"\bproxy_pass\s+http://[A-Za-z_]", text):
        return NotReused.ADDRESS
    if size is None and "keepalive_timeout" in pools:
        return NotReused.TIMEOUT
    if size is None:
        return NotReused.CLIENTS_TIMEOUT if "keepalive_timeout" in text else NotReused.HTTP_1_1
    if int(size[1]) == 0:
        return NotReused.NO_POOL
    if not re.search(r"\bproxy_http_version\s+1\.1", text):
        return NotReused.HTTP_1_0
    if re.search(r"\bkeepalive_timeout\s+0", pools):
        return NotReused.NO_REST
    if re.search(r"\bproxy_set_header\s+Connection\s+(\"\"|'')", text):
        return "All three lines are there, and something ends each connection. Which line of yours is the fourth?"
    return NotReused.HEADER


def _unended(text: str) -> bool:
    """Whether a line lacks its semicolon: nginx notices only when it meets the next word or brace."""
    return any(line and line[-1] not in ";{}" for line in map(str.strip, text.splitlines()))


def _blocks(text: str, name: str) -> list[str]:
    return re.findall(rf"\b{name}\s+\S+\s*\{{([^}}]*)\}}", text)
