"""Several servers on one PostgreSQL: a conversation goes on wherever its next message lands, and nothing is lost or mixed.

    shared.py BINARY DATA
"""

import subprocess
import sys
import threading

from postgres import Cluster, Missing
from served import Client, Served

SESSIONS = 12
MESSAGES = ["강남 거주 아이폰 사용자", "이 중 넷플릭스 보는 사람", "성별로 나눠줘", "20대만"]


def alternate(servers, expected):
    """Each message of a conversation goes to another server; the answers are those of one server alone."""
    clients = [Client(s) for s in servers]
    session = clients[0].session()
    for n, text in enumerate(MESSAGES):
        status, _, answer = clients[n % len(clients)].say(session, text)
        assert (status, answer["turn"], answer["text"], answer.get("count")) == (200, n + 1, *expected[n]), (n, answer)
    return session


def at_once(servers):
    """Messages to one session through both servers at the same time: put in order, none lost."""
    session = Client(servers[0]).session()
    faults, turns, lock = [], [], threading.Lock()

    def talk(server, n):
        client = Client(server)
        for i in range(5):
            status, _, answer = client.say(session, f"{20 + n * 5 + i}세 이상", {"idempotency-key": f"{n}-{i}"})
            with lock:
                if status == 200:
                    turns.append(answer["turn"])
                elif status not in (409, 429, 503):
                    faults.append((status, answer))

    threads = [threading.Thread(target=talk, args=(server, n)) for n, server in enumerate(servers * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _, _, kept = Client(servers[-1]).send("GET", f"/v1/sessions/{session}")
    assert not faults, faults[:3]
    assert sorted(turns) == list(range(1, len(turns) + 1)) and kept["turns"] == len(turns), (sorted(turns), kept["turns"])
    return len(turns)


def main():
    binary, data = sys.argv[1:3]
    try:
        with Cluster() as cluster:
            servers = [Served(binary, data, cluster.store, "--min-group", "0", "--limits-rate-per-minute", "0") for _ in range(2)]
            one = Client(servers[0])
            session = one.session()
            expected = []
            for text in MESSAGES:
                _, _, answer = one.say(session, text)
                expected.append((answer["text"], answer.get("count")))
            threads = [threading.Thread(target=alternate, args=(servers[::-1] if n % 2 else servers, expected)) for n in range(SESSIONS)]
            raised = []
            threading.excepthook = lambda args: raised.append(args.exc_value)
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not raised, raised[:2]
            turns = at_once(servers)
            status, _, saved = one.say(session, "'함께' 이름으로 저장해줘")
            assert status == 200 and saved["action"]["kind"] == "save", (status, saved)
            other = Client(servers[1])
            _, _, listed = other.send("GET", "/v1/segments")
            assert [s["name"] for s in listed] == ["함께"], listed
            fresh = other.session()
            _, _, loaded = other.say(fresh, "'함께' 불러와줘")
            assert loaded["text"] == expected[-1][0], loaded
            for server in servers:
                assert server.stop() == 0
            audit = subprocess.run([binary, "audit", "verify", "--store", cluster.store], capture_output=True, text=True)
            assert audit.returncode == 0, audit.stdout + audit.stderr
    except Missing as why:
        print(f"not run: what needs PostgreSQL: {why}")
        return
    print(f"shared: two servers on one PostgreSQL: {SESSIONS} conversations across both, {turns} turns of one session at once: in order, none lost")


main()
