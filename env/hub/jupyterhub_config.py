"""A JupyterHub for a class on one Linux machine: every learner an account of it, every world that learner's own.

Started by env/hub/up. What a class may want otherwise is said in the environment: TCPLAB_HUB_URL (where it listens,
behind a web server that has TLS), TCPLAB_HUB_STATE (its folder). Who may come: the group "learners"; "teachers" see
the admin page. Each setting: https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
"""

import grp
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub gives it)

bin_folder = Path(sys.executable).parent
state = Path(os.environ["TCPLAB_HUB_STATE"])
limits = {"mem_limit": "1G", "cpu_limit": 2.0}  # for each learner; README.md has the figures behind them

# Only this machine is listened to. Ports below the ephemeral range, which learners' own programs draw from.
c.JupyterHub.bind_url = os.environ.get("TCPLAB_HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
c.ConfigurableHTTPProxy.command = [str(bin_folder / "configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")

# Accounts are the machine's own: useradd --create-home --groups learners NAME.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"learners"}
c.PAMAuthenticator.admin_groups = {"teachers"} & {group.gr_name for group in grp.getgrall()}

# A server under a learner's own uid; where systemd is, each within limits of its own.
if Path("/run/systemd/system").is_dir():
    c.JupyterHub.spawner_class = "systemd"
    c.SystemdSpawner.mem_limit, c.SystemdSpawner.cpu_limit = limits["mem_limit"], limits["cpu_limit"]
    c.SystemdSpawner.isolate_tmp = True
    c.SystemdSpawner.unit_extra_properties = {"TasksMax": "600"}
else:
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(bin_folder / "tcplab"), "lab", "~/tcplab"]  # copies what is missing, then serves that folder
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # when a whole class comes at once
c.JupyterHub.concurrent_spawn_limit = 20

# A server that nobody has used for an hour ends, and its worlds with it.
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    }
]
c.JupyterHub.services = [
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]
