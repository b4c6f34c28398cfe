"""From nothing to a lab in the browser, on a virtual machine: one test after the other, as a learner does."""

import json
import re

import pytest

pytestmark = [pytest.mark.vm, pytest.mark.timeout(10_800)]
OURS = {"listens tcp 127.0.0.1:8888 python", "enabled tcplab.service"}
NOTEBOOK = "00-the-server-is-well.ipynb"


def address(said):
    """The line that a learner clicks on."""
    found = re.search(r"JupyterLab:\s+(?:==> \w+: )?\s*(http://127\.0\.0\.1:8888/lab\?token=[0-9a-f]{32})", said)
    assert found, said[-2000:]
    return found[1]


def there(inside, command):
    """What a command says in the machine."""
    return inside.run(["vagrant", "ssh", "-c", command], within_s=3600)


def state(inside):
    """What listens there, and what starts by itself."""
    return set(there(inside, "sudo sh course/tests/vm/state.sh").splitlines())


def test_up_ends_with_the_address(up):
    """The last lines of `vagrant up` are the address with its token."""
    address(up)


def test_lab_runs_inside(up, inside):
    """Lab 01, executed as the ordinary user of the machine."""
    said = there(inside, "course/.venv/bin/tcplab run 01 2>&1")
    assert "1 of 1" in said or "passed" in said, said


def test_machine_is_as_it_was_but_for_our_service(up, inside):
    """Nothing listens, and nothing starts by itself, that did not before the course came: but JupyterLab.

    A lab has run; a notebook that is open in JupyterLab has a kernel, and that listens too, on 127.0.0.1.
    """
    before = set(there(inside, "cat /var/tmp/before").splitlines())
    assert any(line.startswith("listens tcp") for line in before)
    assert any(line == "enabled ssh.service" for line in before)
    now = state(inside)
    assert now - before == OURS
    assert before - now == set()


def test_page_opens_in_the_browser(up, page):
    """JupyterLab shows lab 01 through the forwarded port, from the learner's copies."""
    assert "01-what" in page(address(up), "jupyterlab.png")


def test_provision_again_fetches_the_notebooks(up, inside):
    """What the learner wrote there is here; the token is the same; no network is asked for."""
    there(inside, f"""sed -i 's/"nbformat": 4/"nbformat":  4/' my-labs/{NOTEBOOK}; touch my-labs/{NOTEBOOK}; sync""")
    said = inside.run(["vagrant", "provision"], within_s=7200)
    assert address(said) == address(up)
    here = inside.folder / "my-labs" / NOTEBOOK
    assert '"nbformat":  4' in here.read_text()
    assert json.loads(here.read_text())["cells"]


def test_reload_brings_it_back(up, inside, page):
    """Halted and started again, the same address answers."""
    said = inside.run(["vagrant", "reload"], within_s=7200)
    assert address(said) == address(up)


def test_destroy_leaves_nothing(up, inside):
    """No machine, no disk of it, no state; the notebooks stay."""
    inside.run(["vagrant", "destroy", "--force"], within_s=3600)
    assert "vagrant" not in inside.run(["virsh", "--connect=qemu:///system", "list", "--all", "--name"], within_s=60)
    left = [path.name for path in (inside.folder.parent / "images").iterdir()]
    assert not any("default" in name for name in left), left  # the box itself stays, for the next machine
    assert (inside.folder / "my-labs" / NOTEBOOK).exists()
