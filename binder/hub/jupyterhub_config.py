"""JupyterHub's settings for a class: The Littlest JupyterHub reads them, and `make class` measures with them.

`binder/hub/install_tljh` links them from TLJH's folder of settings. The course lies in one place that students can only
read; each has a copy of the notebooks at home, and beside it the file with the answers. Where the limits come from is
measured in notebooks/en/classroom.md.
"""

import hashlib
import hmac
import os
import secrets
import sys
from pathlib import Path

_here = Path(__file__).resolve().parent

c.Spawner.cmd = [str(_here / "student_server"), "jupyterhub-singleuser"]
c.Spawner.default_url = "/lab/tree/backprop-course/notebooks/en/00_start_here.ipynb"
c.Spawner.environment = {"COURSE_ANSWERS": "~/answers.json"}
# A chapter that was left open holds its kernel's memory. What its reader did is in the file with the answers.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_connected=True",
    # Kernels listen on files: of ports, each of which is chosen and taken a second later, two students got the same one.
    "--KernelManager.transport=ipc",
]
c.Spawner.mem_limit = "1200M"  # a server and its kernels: two of the largest chapter
c.Spawner.cpu_limit = 1.0  # of the cores: a cell that never ends leaves the others to the class
# A whole class arrives in the same minute: the last one waits for the others.
c.Spawner.start_timeout = 600
c.Spawner.http_timeout = 300

# What The Littlest JupyterHub starts servers with. Programs without end, and what lies about in folders for temporary
# files, harm nobody else: these are in the server's own memory, and go when it ends. Homes need a quota of the disk.
c.SystemdSpawner.unit_extra_properties = {
    "TasksMax": "512",  # processes and threads of one student
    "TemporaryFileSystem": " ".join(f"{place}:size=256M,mode=1777" for place in ("/tmp", "/var/tmp", "/dev/shm")),
}
# Whoever is first to type a name would choose its password. No password is as long as this: hand_out_passwords gives them.
c.FirstUseAuthenticator.min_password_length = 10**9

# The board: what the class has done so far, on the teacher's screen. Its service runs on this machine beside the hub; the
# kernels report to it, and whoever opens it logs in at the hub, where administrators may. As root it takes a port that no
# student's program can take first, and then becomes a user that may do nothing.
_port = int(os.environ.get("COURSE_BOARD_PORT") or (917 if os.geteuid() == 0 else 10917))
_key = Path("board_key").absolute()  # in the hub's own folder; it stays, because servers outlive a hub that starts anew


def _key_file(_):
    """The path of the file with the key that signs seats; it is made when it is needed first."""
    if not _key.exists():
        new = _key.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        new.replace(_key)
    return str(_key)


def _seat(spawner):
    """A student's seat at the board, as course_lib/board/seats.py makes one: the name cannot be had from it."""
    key = Path(_key_file(spawner)).read_bytes()

    def signed(text):
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    seat = signed("name" + spawner.user.name)[:16]
    return f"{seat}.{signed('seat' + seat)[:32]}"


def _address(spawner):
    """Where a student's kernels find the board."""
    return f"http://127.0.0.1:{_port}{spawner.hub.base_url.removesuffix('hub/')}services/board/"


c.Spawner.environment |= {"COURSE_BOARD": _address, "COURSE_BOARD_SEAT": _seat}
_python = Path(os.environ.get("TLJH_INSTALL_PREFIX", "/opt/tljh"), "user", "bin", "python")  # TLJH's hub has no course
c.JupyterHub.services.append(  # not a list of its own: TLJH has services, too
    {
        "name": "board",
        "url": f"http://127.0.0.1:{_port}",
        "command": [str(_python if _python.exists() else sys.executable), str(_here / "board_service.py")],
        "cwd": "/",
        "environment": {"COURSE_BOARD_KEY": _key_file},
        "oauth_no_confirm": True,  # it is the hub's own: nobody need be asked whether it may know who has come
    }
)
