"""A cluster of one scheduler and two executors, each a process of its own: the conversations of the development set give
the same numbers through it as in one process, also where an executor is killed in the middle of a query, and where the data
lies in a bucket.

    cluster.py BINARY DATA FOLDER CONVERSATIONS [LARGE_LINES]
"""

import atexit
import json
import logging
import math
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

# Seconds that an executor may say nothing.
TIMEOUT = 3
# Seconds that anything here may take.
PATIENCE = 300
# Queries that are asked until one of them can be broken into.
TRIES = 10
# A statement of several stages, long enough to be broken into.
LONG = """
SELECT c.home_sido, c.gender, count(*) AS people, count(DISTINCT a.app) AS apps, sum(a.days_used_30d) AS days
FROM customers c JOIN app_usage a ON a.customer_id = c.customer_id
WHERE EXISTS (SELECT 1 FROM call_usage k WHERE k.customer_id = c.customer_id)
GROUP BY c.home_sido, c.gender ORDER BY 1, 2
"""


def free_ports():
    """Two ports next to each other that nobody listens on."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            if port < 65535:
                try:
                    second.bind(("127.0.0.1", port + 1))
                except OSError:
                    continue
                return port


class Node:
    """A process of the cluster."""

    def __init__(self, binary, *args, env=None):
        self.process = subprocess.Popen(
            [binary, "cluster", *map(str, args), "--executor-timeout", str(TIMEOUT)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})},
        )
        # Whatever goes wrong in a test, no process stays behind.
        atexit.register(self.process.kill)
        self.said = []
        threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True).start()

    def kill(self):
        """As a power cut would: nothing is finished."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def lives(self):
        return self.process.poll() is None


class Cluster:
    """A scheduler and its executors."""

    def __init__(self, binary, folder, executors, env=None):
        self.binary, self.folder, self.env = binary, folder, env
        port = free_ports()
        self.url = f"ballista://127.0.0.1:{port}"
        self.scheduler = Node(binary, "scheduler", "--bind", f"127.0.0.1:{port}", env=env)
        listens(port, self.scheduler)
        self.executors = [self.executor(number) for number in range(executors)]

    def executor(self, number):
        port = free_ports()
        work = self.folder / f"executor-{number}-{port}"
        node = Node(
            self.binary, "executor", "--scheduler", self.url, "--bind", f"127.0.0.1:{port}", "--cores", 1,
            "--memory", 2048, "--work", work, env=self.env,
        )
        node.work = work
        listens(port, node)
        return node

    def end(self):
        for node in [*self.executors, self.scheduler]:
            node.kill()


def listens(port, node):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and node.lives:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("a process of the cluster does not listen:\n" + "".join(node.said))


def run(binary, *args, env=None):
    command = [binary, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE * 4, env={**os.environ, **(env or {})})
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def answers(binary, data, file, engine):
    """Every turn of every conversation, as it is answered; how long an answer took is none of it."""
    report = json.loads(run(binary, "eval", file, "--no-cache", "--json", "--data", data, "--engine", engine))
    for result in report["results"]:
        result.pop("gold")
        (result["answer"] or {}).pop("timings_ms", None)
    return report


def differences(one, other, where=""):
    """Where two values differ: averages by more than the order in which they are added up."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [d for key in one.keys() | other.keys() for d in differences(one.get(key), other.get(key), f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [d for at, (a, b) in enumerate(zip(one, other)) for d in differences(a, b, f"{where}[{at}]")]
    if isinstance(one, float) and isinstance(other, float) and math.isclose(one, other, rel_tol=1e-9):
        return []
    return [] if one == other else [f"{where}: {one!r} and {other!r}"]


def conversations(binary, cluster, data, file):
    """The conversations, by the cluster and in one process."""
    here = answers(binary, data, file, "sql")
    started = time.monotonic()
    there = answers(binary, data, file, cluster.url)
    took = time.monotonic() - started
    found = differences(here, there)
    assert not found, "\n".join(found[:20])
    turns = here["turns"]
    assert turns["total"] > 0 and turns["right"] == turns["total"], turns
    print(f"cluster: {turns['total']} turns of {file.name} as in one process, {took:.0f} s")


def killed(binary, cluster, data):
    """An executor is killed while it has work of a query; the query gives the same rows."""
    expected = rows(run(binary, "sql", LONG, "--data", data, "--engine", "sql", "--min-group", "0", "--json"))
    ask = [binary, "sql", LONG, "--data", str(data), "--engine", cluster.url, "--min-group", "0", "--json"]
    victim = cluster.executors[0]
    for _ in range(TRIES):
        before = set(results(victim))
        started = time.monotonic()
        asked = subprocess.Popen(ask, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # New results lie in its folder: it has done a part, and others wait for it.
        while asked.poll() is None and set(results(victim)) <= before:
            assert time.monotonic() - started < PATIENCE, "the executor did nothing"
            time.sleep(0.002)
        if asked.poll() is None:
            victim.kill()
            out, err = asked.communicate(timeout=PATIENCE)
            assert asked.returncode == 0, err
            assert rows(out) == expected, f"{out}\n{expected}"
            break
        # It was over before anything could be killed.
        asked.communicate()
    else:
        raise AssertionError(f"{TRIES} queries were over before anything could be killed")
    print(f"cluster: an executor killed in the middle of a query: the same {len(expected)} rows, {time.monotonic() - started:.1f} s")
    # One that takes its place is given work again.
    cluster.executors[0] = cluster.executor(9)
    assert rows(run(*ask)) == expected


def results(executor):
    """What it has written for others."""
    return executor.work.rglob("*.arrow")


def rows(text):
    return json.loads(text)["rows"]


def unreachable(binary, data):
    """Nobody there: said so, and at once."""
    url = f"ballista://127.0.0.1:{free_ports()}"
    done = subprocess.run(
        [binary, "ask", "전체 고객 몇 명이야", "--data", str(data), "--engine", url], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode != 0 and url in done.stdout + done.stderr, (done.stdout, done.stderr)


def bucket(binary, data, folder):
    """The same data in a bucket of an S3-compatible store."""
    try:
        from moto.server import ThreadedMotoServer
        import boto3
    except ImportError:
        print("not run: a bucket, which needs PyPI moto[server] and boto3")
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    env = {
        "AWS_ENDPOINT": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
    }
    client = boto3.client(
        "s3", endpoint_url=env["AWS_ENDPOINT"], region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    client.create_bucket(Bucket="lines")
    for file in data.rglob("*.parquet"):
        client.upload_file(str(file), "lines", f"of 2026/{file.relative_to(data)}")
    there = "s3://lines/of 2026"
    question = ["ask", "서울 사는 여성 연령대별로", "--min-group", "0"]
    expected = run(binary, *question, "--data", data, "--engine", "sql")
    assert run(binary, *question, "--data", there, env=env) == expected
    cluster = Cluster(binary, folder, 2, env=env)
    assert run(binary, *question, "--data", there, "--engine", cluster.url, env=env) == expected
    cluster.end()
    server.stop()
    print("cluster: data in a bucket: the same answer in one process and by the cluster")


def main(binary, data, folder, file, lines="400000"):
    data, folder, file = pathlib.Path(data), pathlib.Path(folder), pathlib.Path(file)
    cluster = Cluster(binary, folder, 2)
    conversations(binary, cluster, data, file)
    large = folder / "long"
    run(binary, "generate", "--customers", lines, "--seed", "3", "--out", large)
    killed(binary, cluster, large)
    unreachable(binary, data)
    cluster.end()
    bucket(binary, data, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
