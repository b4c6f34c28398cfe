"""A class at a hub, in a network and with accounts of its own; prints what it saw as JSON. Run by test_hub.py as root.

Started in a mount and a network namespace made for it, so nothing of it stays: python a_class.py SCRATCH PYTHON-OF-HUB
"""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import websocket

ROOT = Path(__file__).resolve().parents[2]
HUB = "http://127.0.0.1:8000"
LEARNERS = {f"learner{number}": 70_001 + number for number in range(5)}
WITHIN_S = 240

# Each learner opens another number of connections and draws ports from another range.
AT_WORK = """
import json, os, subprocess
from pathlib import Path
from tcplab import Testbed, sockets, sysctls
number = {number}
bed = Testbed.two_hosts().up()
listener = bed.server.listen(80)
with sysctls(bed.client, ip_local_port_range=(40000 + 1000 * number, 40999 + 1000 * number)):
    mine = [bed.client.connect(bed.server, 80) for _ in range(number + 1)]
seen = [one for one in sockets(bed.client) if one.peer.port == 80]
print(json.dumps(dict(uid=os.getuid(), home=str(Path.home()), labs=len(list(Path.home().glob("tcplab/*.ipynb"))),
    connections=len(seen), thousands=sorted({{one.local.port // 1000 for one in seen}}), processes=[
        int(pid) for pid in subprocess.check_output(["ps", "-o", "pid=", "-u", str(os.getuid())]).split()],
    folders=[str(each) for each in Path("/tmp").glob("tcplab-*") if each.stat().st_uid == os.getuid()])))
"""
CURIOUS = """
import ctypes, json, os, urllib.error, urllib.request
from pathlib import Path
def attempt(act):
    try:
        return f"done: {{act()!r}}"[:200]
    except urllib.error.HTTPError as error:
        return f"HTTP {{error.code}}"
    except OSError as error:
        return type(error).__name__
def enter(pid):
    if ctypes.CDLL(None, use_errno=True).setns(os.open(f"/proc/{{pid}}/ns/net", os.O_RDONLY), 0):
        raise OSError(ctypes.get_errno(), "setns")
said = {{"home": [attempt(lambda: os.listdir({home!r}))]}}
for name, act in dict(
    environ=lambda pid: Path(f"/proc/{{pid}}/environ").read_bytes(),
    files=lambda pid: os.listdir(f"/proc/{{pid}}/fd"),
    root=lambda pid: os.listdir(f"/proc/{{pid}}/root/"),
    enter=enter,
    end=lambda pid: os.kill(pid, 0),
).items():
    said[name] = sorted({{attempt(lambda: act(pid)) for pid in {pids} if os.path.exists(f"/proc/{{pid}}")}})
said["sockets"] = sorted({{attempt(lambda: os.listdir(each)) for each in {folders}}})
said["server"] = [attempt(lambda: urllib.request.urlopen({server!r}, timeout=20).read())]
print(json.dumps(said))
"""


def main() -> int:
    """Let a class work, one of it be curious, and the hub end."""
    scratch, python = Path(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    accounts(scratch)
    hub = start(scratch, python)
    try:
        with ThreadPoolExecutor(len(LEARNERS)) as class_room:
            learners = list(class_room.map(Learner, LEARNERS))
            seen = list(class_room.map(lambda each: each.run(AT_WORK.format(number=each.number)), learners))
        other = seen[1]
        server = learners[1].server_address()
        asked = {"home": other["home"], "pids": other["processes"], "folders": other["folders"], "server": server}
        curious = learners[0].run(CURIOUS.format(**asked))
        listening = listeners()
    finally:
        hub.terminate()
        hub.wait(60)
    left = [pid for pid in owned() if still_there(pid)]
    print(json.dumps({"seen": seen, "curious": curious, "left": left, "listening": listening}))
    return 0


def accounts(scratch: Path) -> None:
    """Five learners, in files that only this mount namespace has in /etc."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/home"], check=True)
    secret = subprocess.run(["openssl", "passwd", "-6", "open sesame"], capture_output=True, text=True, check=True)
    rows = {name: Path(f"/etc/{name}").read_text() for name in ("passwd", "group", "shadow")}
    rows["group"] += f"learners:x:70000:{','.join(LEARNERS)}\n"
    for name, uid in LEARNERS.items():
        rows["passwd"] += f"{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n"
        rows["group"] += f"{name}:x:{uid}:\n"
        rows["shadow"] += f"{name}:{secret.stdout.strip()}:20000:0:99999:7:::\n"
    for name, text in rows.items():
        (scratch / name).write_text(text)
        (scratch / name).chmod(0o640 if name == "shadow" else 0o644)
        subprocess.run(["mount", "--bind", str(scratch / name), f"/etc/{name}"], check=True)
    for name, uid in LEARNERS.items():
        Path("/home", name).mkdir(mode=0o700)
        os.chown(f"/home/{name}", uid, uid)


def start(scratch: Path, python: str) -> "subprocess.Popen[bytes]":
    """Start the hub with the configuration that a class gets, and wait until it answers."""
    state = scratch / "state"
    state.mkdir(mode=0o700)
    argv = [python, "-m", "jupyterhub", "--config", str(ROOT / "env/hub/jupyterhub_config.py")]
    log = (scratch / "hub.log").open("wb")
    hub = subprocess.Popen(argv, env=os.environ | {"TCPLAB_HUB_STATE": str(state)}, stdout=log, stderr=log, cwd=state)
    until(lambda: requests.get(f"{HUB}/hub/api", timeout=5).ok, "the hub answers", hub)
    return hub


class Learner:
    """One who logs in with a browser's means, and runs cells in a kernel of their server."""

    def __init__(self, name: str) -> None:
        """Log in, have the server started, and a kernel in it."""
        self.name, self.number = name, list(LEARNERS).index(name)
        with requests.Session() as browser:
            browser.get(f"{HUB}/hub/login", timeout=30)
            form = {"username": name, "password": "open sesame", "_xsrf": browser.cookies["_xsrf"]}
            browser.post(f"{HUB}/hub/login", data=form, timeout=60, allow_redirects=False).raise_for_status()
            browser.get(f"{HUB}/hub/home", timeout=30).raise_for_status()
            said = browser.post(
                f"{HUB}/hub/api/users/{name}/tokens",
                json={"scopes": ["inherit"]},
                headers={"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/")},
                timeout=30,
            )
            said.raise_for_status()
        self.headers = {"Authorization": f"token {said.json()['token']}"}
        self._ask("POST", f"/hub/api/users/{name}/server")
        until(lambda: self._ask("GET", f"/hub/api/users/{name}")["servers"][""]["ready"], f"{name}'s server is ready")
        self.kernel = self._ask("POST", f"/user/{name}/api/kernels")["id"]

    def server_address(self) -> str:
        """Where the server itself listens, beside the hub's door, without a token."""
        for row in listeners():
            host, _, port = row.rpartition(":")
            with suppress(requests.RequestException):
                address = f"http://{host}:{port}/user/{self.name}/api/contents"
                if requests.get(address, headers=self.headers, timeout=5).ok and port != "8000":
                    return address
        raise LookupError(f"{self.name}'s server was not found among {listeners()}")

    def run(self, code: str) -> Any:
        """Run a cell and return the JSON that it printed."""
        path = f"ws://127.0.0.1:8000/user/{self.name}/api/kernels/{self.kernel}/channels"
        channel = websocket.create_connection(path, timeout=WITHIN_S, header=self.headers)
        header = {
            "msg_id": uuid4().hex,
            "msg_type": "execute_request",
            "username": "",
            "session": "s",
            "version": "5.3",
        }
        content = {"code": code, "silent": False}
        ask = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        channel.send(json.dumps(ask | {"buffers": []}))
        text = ""
        while True:
            said = json.loads(channel.recv())
            if said["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if said["msg_type"] == "stream":
                text += said["content"]["text"]
            if said["msg_type"] == "error":
                raise RuntimeError("\n".join(said["content"]["traceback"]))
            if said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
                channel.close()
                return json.loads(text)

    def _ask(self, method: str, path: str) -> Any:
        said = requests.request(method, HUB + path, headers=self.headers, timeout=WITHIN_S)
        said.raise_for_status()
        return said.json() if said.content else None


def until(holds: Any, what: str, hub: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait for an event that only polling tells of."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if hub is not None and hub.poll() is not None:
            raise RuntimeError(f"The hub ended with {hub.returncode}; its log is beside the accounts.")
        with suppress(requests.ConnectionError):
            if holds():
                return
        time.sleep(0.2)
    raise TimeoutError(f"waited {WITHIN_S} s until {what}")


def owned() -> list[int]:
    """Processes of the learners."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if entry.stat().st_uid in LEARNERS.values():
                found.append(int(entry.name))
    return found


def still_there(pid: int) -> bool:
    """Whether a process goes on for seconds."""
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return Path(f"/proc/{pid}").exists()


def listeners() -> list[str]:
    """Addresses of this network namespace that are listened on."""
    said = subprocess.run(["ss", "-Htln"], capture_output=True, text=True, check=True).stdout
    return sorted(row.split()[3] for row in said.splitlines())


if __name__ == "__main__":
    sys.exit(main())
