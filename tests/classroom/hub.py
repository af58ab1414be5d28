"""A JupyterHub for a test: real servers and kernels on the loopback, homes and a teacher's repository in one folder."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import collect
import psutil

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "binder" / "hub" / "jupyterhub_config.py"
TEACHER = "teacher"
PATIENCE = 60  # seconds for the hub to start
MARK = "COURSE_CLASS"  # in the environment of each process of a class: its folder

# What a test needs besides the settings of a class: no system users, any student with one password, free ports. A student's
# server listens below the ports that the system gives away: JupyterHub asks for one of those long before the server takes
# it, and of 25 students who came at once, one got the server of another.
CONFIG = """
load_subconfig({settings!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.spawner_class = "simple"
c.Spawner.pre_spawn_hook = lambda spawner: setattr(spawner, "port", {first_port} + spawner.orm_spawner.id)
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{{teacher!r}}}
c.JupyterHub.services.append({{"name": "collect", "api_token": {token!r}}})
for service in c.JupyterHub.services.get_value([]):
    if "command" in service:
        service["environment"] |= {environment!r}
c.JupyterHub.load_roles.append({{"name": "collect", "scopes": {scopes!r}, "services": ["collect"]}})
c.Spawner.environment |= {{"COURSE_SOURCE": {source!r}, **{environment!r}}}
c.Spawner.args += {arguments!r}
"""


@dataclass
class Hub:
    """url   of the proxy;   board   where kernels find it;   password   of everybody;   token   that may collect answers

    pid   of JupyterHub

    folder   with `homes`, a folder for each student, `course`, the teacher's repository, and the hub's `log`
    """

    url: str
    board: str
    password: str
    token: str
    pid: int
    folder: Path

    @property
    def homes(self):
        return self.folder / "homes"

    @property
    def course(self):
        return self.folder / "course"


def proxy_program():
    """configurable-http-proxy, as npm puts it into this environment. Raises FileNotFoundError."""
    program = Path(sys.prefix, "node_modules", ".bin", "configurable-http-proxy")
    if not program.exists():
        raise FileNotFoundError(f"expected {program}; `make class` installs it")
    return program


def git(*arguments, cwd):
    """Run git as a teacher, and return what it prints."""
    who = ["-c", "user.name=Teacher", "-c", "user.email=teacher@example.org"]
    return subprocess.run(["git", *who, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


def make_course(folder):
    """A teacher's repository with the files of the course as they are here."""
    folder.mkdir(parents=True)
    shutil.copytree(
        ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns("*answers*.json", ".ipynb_checkpoints")
    )
    shutil.copy(ROOT / ".gitignore", folder)
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message=The course", cwd=folder)


@contextmanager
def running_hub(folder, settings=""):
    """A `Hub` whose files are in `folder`, until the block ends; all its processes end with it (`end_class`).

    settings   lines that a teacher adds
    """
    folder = Path(folder).resolve()
    make_course(folder / "course")
    (folder / "homes").mkdir()
    ports = _free_ports(4)
    password, token = secrets.token_hex(8), secrets.token_hex(16)
    environment = {MARK: str(folder), "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "offline")])}
    arguments = ["--allow-root"] if os.geteuid() == 0 else []
    config = CONFIG.format(
        settings=str(SETTINGS),
        port=ports[0],
        hub_port=ports[1],
        proxy_port=ports[2],
        first_port=secrets.choice(range(15_000, 30_000, 100)),
        proxy=str(proxy_program()),
        homes=str(folder / "homes"),
        password=password,
        teacher=TEACHER,
        token=token,
        scopes=list(collect.SCOPES),
        source=f"file://{folder / 'course'}",
        environment=environment,
        arguments=arguments,
    )
    (folder / "jupyterhub_config.py").write_text(config + settings)
    path = os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ["PATH"]])
    try:
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "--config", "jupyterhub_config.py"],
                cwd=folder,
                env=os.environ
                | {
                    MARK: str(folder),
                    "PATH": path,
                    "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32),
                    "COURSE_BOARD_PORT": str(ports[3]),
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        board = f"http://127.0.0.1:{ports[3]}/services/board/"
        hub = Hub(f"http://127.0.0.1:{ports[0]}", board, password, token, process.pid, folder)
        _wait_for(hub, process)
        yield hub
    except Exception as problem:
        problem.add_note(f"The hub said last:\n{(folder / 'log').read_text()[-5000:]}")
        raise
    finally:
        end_class(folder)


def end_class(folder):
    """Kill the processes of the class in a folder, whoever is their parent by now: hub, proxy, servers, kernels."""
    mark = str(Path(folder).resolve())
    while found := [process for process in psutil.process_iter() if _mark_of(process) == mark]:
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=1)


def _mark_of(process):
    try:
        return process.environ().get(MARK) if process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, OSError):  # it has ended, or is somebody else's
        return None


def _free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait_for(hub, process):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{hub.url}/hub/api/", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterHub did not start within {PATIENCE} s:\n{(hub.folder / 'log').read_text()[-2000:]}")
