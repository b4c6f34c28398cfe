"""What env/hub says and promises before anything of it is started."""

import ast
import runpy
import subprocess
from pathlib import Path

import yaml

HUB = Path(__file__).resolve().parents[2] / "env" / "hub"
RECORDED = Path(__file__).resolve().parents[1] / "recorded"


def test_the_configuration_is_python_and_listens_only_here():
    """Every address in it is the loopback's, and every path is made from the hub's own folder."""
    source = (HUB / "jupyterhub_config.py").read_text()
    words = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    addresses = [word for word in words if isinstance(word, str) and word.startswith("http://")]
    assert addresses
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)


def test_up_explains_itself_and_refuses_what_it_does_not_know():
    """--help says what it does and who may; a wrong option changes nothing."""
    helped = subprocess.run([HUB / "up", "--help"], capture_output=True, text=True, check=True)
    assert "sudo ./env/hub/up" in helped.stdout
    wrong = subprocess.run([HUB / "up", "--start"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, "no option --start" in wrong.stderr) == (2, True)


def test_sizing_counts_what_is_in_the_hash_table():
    """The open TCP sockets of a namespace, and its TIME_WAITs."""
    connections = runpy.run_path(str(HUB / "sizing"))["connections"]
    assert connections((RECORDED / "sockstat").read_text()) == 4
    assert connections("TCP: inuse 3 orphan 0 tw 28232 alloc 5 mem 1\nUDP: inuse 1 mem 0\n") == 28235


def test_sizing_refuses_a_class_of_nobody():
    """With what can be measured."""
    done = subprocess.run([HUB / "sizing", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, "1 or more can be measured" in done.stderr) == (2, True)


def test_values_for_kubernetes_are_yaml_that_grants_nothing_on_the_host():
    """No capability, no privilege, and the server is the course's own command."""
    values = yaml.safe_load((HUB / "values.yaml").read_text())
    spawner = values["hub"]["config"]["KubeSpawner"]
    assert spawner["extra_pod_config"] == {"hostUsers": False}
    assert spawner["container_security_context"]["capabilities"] == {"drop": ["ALL"]}
    assert values["singleuser"]["cmd"][:2] == ["tcplab", "lab"]
