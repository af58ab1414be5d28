"""JupyterHub's settings for a class: The Littlest JupyterHub reads them, and `make class` measures with them.

`binder/hub/install_tljh` links them from TLJH's folder of settings. The course lies in one place that students can only
read; each has a copy of the notebooks at home, and beside it the file with the answers. Where the limits come from is
measured in notebooks/en/classroom.md.
"""

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
