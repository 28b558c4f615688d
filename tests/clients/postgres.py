"""A PostgreSQL of the tests: a cluster that is thrown away, on a socket of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile


class Missing(Exception):
    """There is no PostgreSQL here, and why."""


def tools():
    """The folder of its programs: the latest of Debian's, or that of PATH."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    folders += [pathlib.Path(found).resolve().parent] if found else []
    whole = [f for f in folders if all((f / tool).is_file() for tool in ("initdb", "pg_ctl", "postgres"))]
    if not whole:
        raise Missing("no initdb in PATH or /usr/lib/postgresql")
    return whole[-1]


def unprivileged():
    """PostgreSQL refuses to run as root: what turns root into somebody else."""
    if os.getuid() != 0:
        return [], None
    for user in ("postgres", "nobody"):
        become = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
        if subprocess.run([*become, "true"], capture_output=True).returncode == 0:
            return become, user
    raise Missing("root cannot become another user here")


class Cluster:
    """Started on entering, stopped and taken away on leaving. Unlike the suite's it writes to the disk as it should."""

    def __enter__(self):
        self.bin = tools()
        self.become, user = unprivileged()
        self.folder = tempfile.mkdtemp(prefix="waggle-pg-")
        if user:
            shutil.chown(self.folder, user)
        self.run("initdb", "-A", "trust", "-U", "waggle", "-E", "UTF8", "--locale=C")
        options = f"-k '{self.folder}' -c listen_addresses='' -c max_connections=200"
        self.run("pg_ctl", "start", "-w", "-t", "60", "-o", options, "-l", f"{self.folder}/log")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "stop", "-m", "immediate", "-w", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, tool, *args, check=True):
        # Files, not pipes: what it starts would keep a pipe open.
        with tempfile.TemporaryFile() as said:
            command = [*self.become, str(self.bin / tool), "-D", f"{self.folder}/data", *args]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/")
            if check and done.returncode != 0:
                said.seek(0)
                raise Missing(f"{tool}: {said.read().decode()[-500:]}")

    @property
    def store(self):
        """The address that `--store` takes."""
        return f"postgres:///postgres?host={self.folder}&user=waggle"
