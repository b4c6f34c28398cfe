"""Where the virtual machine is tried: namespaces of mounts, network and processes, with a libvirt of their own.

Bridge, firewall, daemons, tunnels and machines are inside, and end with it, as a world of the course does. Of the
computer nothing is changed: what libvirt writes lies in memory that goes, and its disk images in a temporary folder.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PACKAGES = {
    "vagrant": "vagrant",
    "libvirtd": "libvirt-daemon-system",
    "virsh": "libvirt-clients",
    "qemu-system-x86_64": "qemu-system-x86",
    "dnsmasq": "dnsmasq-base",
    "iptables": "iptables",
    "rsync": "rsync",
    "ssh": "openssh-client",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "sfdisk": "fdisk",
    "qemu-img": "qemu-utils",
}
KEEP = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); print(flush=True); signal.pause()"
SET_UP = """set -eu
mount -t sysfs sysfs /sys
ip link set lo up
for folder in /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /etc/libvirt; do
    mkdir -p "$folder"; mount -t tmpfs tmpfs "$folder"
done
mkdir /var/lib/libvirt/images
mount --bind "$1" /var/lib/libvirt/images
printf '%s\\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'stdio_handler = "file"' \\
    'namespaces = []' 'cgroup_controllers = []' >/etc/libvirt/qemu.conf
"""


def lacking() -> str:
    """What this computer lacks to try a virtual machine, and the command that mends it; empty if nothing."""
    if os.geteuid() != 0:
        return "libvirt's network needs root: sudo ./env/test --vm"
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    packages = {package for program, package in PACKAGES.items() if not shutil.which(program, path=path)}
    plugins = Path("/usr/share/rubygems-integration/all/gems").glob("vagrant-libvirt-*")
    if not any(plugins) and not any(Path.home().glob(".vagrant.d/gems/*/gems/vagrant-libvirt-*")):
        packages.add("vagrant-libvirt")
    needed = " ".join(sorted(packages))
    return needed and f"sudo apt-get install --no-install-recommends {needed}"


class House:
    """The namespaces, as long as they last."""

    def __init__(self, keeper: int, say: Callable[[str], None]) -> None:
        self.keeper, self.say = keeper, say
        self.env: dict[str, str] = {}
        self.folder = Path("/")

    def words(self, argv: list[str]) -> list[str]:
        """How a command is begun inside."""
        into = ["nsenter", f"--target={self.keeper}", "--mount", "--net", "--pid"]
        return [*into, "env", "--chdir", str(self.folder), *argv]

    def run(self, argv: list[str], *, within_s: float, expect: tuple[int, ...] = (0,)) -> str:
        """Run a command to its end, and tell each line with the seconds since it began."""
        begun = time.monotonic()
        self.say(f"$ {' '.join(argv)}")
        process = subprocess.Popen(
            self.words(argv),
            env=os.environ | self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        said = []
        with process:
            bell = _alarm(process, within_s)
            for line in process.stdout:
                said.append(line)
                self.say(f"{time.monotonic() - begun:6.0f} s  {line.rstrip()}")
            code = process.wait()
            bell()
        self.say(f"{time.monotonic() - begun:6.0f} s  exit code {code}")
        assert code in expect, f"{argv}: exit code {code}\n{''.join(said[-30:])}"
        return "".join(said)


def _alarm(process: "subprocess.Popen[str]", within_s: float) -> Callable[[], None]:
    """End a command that takes too long; returns what calls the alarm off."""
    timer = threading.Timer(within_s, lambda: os.killpg(process.pid, signal.SIGKILL))
    timer.daemon = True
    timer.start()
    return timer.cancel


@contextmanager
def house(scratch: Path, say: Callable[[str], None]) -> Iterator[House]:
    """Make the namespaces and the daemon in them; whatever happens, end the one process that all hang on."""
    apart = ["--mount", "--propagation=private", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    # Daemons that lose their parent become its children; who ignores SIGCHLD need not wait for them.
    keeper = subprocess.Popen(["unshare", *apart, sys.executable, "-I", "-c", KEEP], stdout=subprocess.PIPE)
    try:
        keeper.stdout.readline()  # it is there, and ready
        one = House(int(Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children").read_text()), say)
        images = scratch / "images"
        images.mkdir()
        one.run(["sh", "-c", SET_UP, "sh", str(images)], within_s=60)
        ask = one.words(["virsh", "--connect=qemu:///system", "list"])
        with (scratch / "libvirtd.log").open("w") as log, _daemon(one.words(["libvirtd"]), log):
            _await(lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0)
            yield one
    finally:
        keeper.kill()
        keeper.stdout.close()
        keeper.wait()


@contextmanager
def _daemon(argv: list[str], log: IO[str]) -> Iterator[None]:
    """Run it meanwhile."""
    process = subprocess.Popen(argv, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _await(look: Callable[[], object], within_s: float = 120) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, "libvirt was not ready in two minutes"
        time.sleep(0.2)
