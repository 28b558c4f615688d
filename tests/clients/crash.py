"""Kills a server in the middle of many conversations, again and again. After each restart every turn and segment that
was acknowledged is there, none is torn, and the audit chain verifies.

    crash.py BINARY DATA FOLDER [ROUNDS] [CONVERSATIONS] [postgres]

With `postgres` the state is kept by one instead of a file.
"""

import http.client
import pathlib
import random
import subprocess
import sys
import threading
import time

from postgres import Cluster, Missing
from served import Client, Served

SAID = ["서울 사는 사람", "이 중 여성만", "아이폰 쓰는 사람만", "연령대별로 보여줘", "되돌려줘", "20대 제외"]


class Conversation(threading.Thread):
    """Talks until the server is gone, and remembers what was acknowledged."""

    def __init__(self, served, name):
        super().__init__(daemon=True)
        self.client, self.served, self.label = Client(served, timeout=20), served, name
        self.session, self.turns, self.segments, self.faults = None, {}, {}, []

    def run(self):
        try:
            self.session = self.client.session()
            for number in range(1_000):
                saving = number % 4 == 1
                text = f"'{self.label}-{number}' 이름으로 저장해줘" if saving else SAID[number % len(SAID)]
                status, _, answer = self.client.say(self.session, text, {"idempotency-key": f"{number}"})
                if status != 200:
                    self.faults.append((status, answer))
                    return
                self.turns[answer["turn"]] = answer
                action = answer.get("action") or {}
                if action.get("kind") == "save":
                    self.segments[action["id"]] = action["name"]
        except (OSError, http.client.HTTPException, ValueError):
            # The server was killed; a session that was not acknowledged is none.
            pass


def verify(served, talks):
    client, faults = Client(served), []
    for talk in (t for t in talks if t.session):
        status, _, kept = client.send("GET", f"/v1/sessions/{talk.session}")
        if status != 200:
            faults.append(f"session {talk.session}: {status}")
            continue
        history = {turn["turn"]: turn["answer"] for turn in kept["history"]}
        if sorted(history) != list(range(1, len(history) + 1)) or kept["turns"] != len(history):
            faults.append(f"session {talk.session} is torn: {sorted(history)}, {kept['turns']}")
        for turn, answer in talk.turns.items():
            if history.get(turn) != answer:
                faults.append(f"session {talk.session} turn {turn}: {answer} became {history.get(turn)}")
        for segment, name in talk.segments.items():
            status, _, kept = client.send("GET", f"/v1/segments/{segment}")
            if status != 200 or kept["name"] != name:
                faults.append(f"segment {segment}: {status} {kept}")
    return faults


def crash(binary, data, store, rounds, conversations):
    flags = ("--limits-rate-per-minute", "0", "--limits-queue-length", "100000")
    turns, segments, chance = 0, 0, random.Random(1)
    served = Served(binary, data, store, *flags)
    for number in range(rounds):
        talks = [Conversation(served, f"{number}-{n}") for n in range(conversations)]
        for talk in talks:
            talk.start()
        time.sleep(chance.uniform(0.5, 2.5))
        served.kill()
        for talk in talks:
            talk.join(30)
        faults = [f"answered {fault}" for talk in talks for fault in talk.faults]
        served = Served(binary, data, store, *flags)
        faults += verify(served, talks)
        audit = subprocess.run([binary, "audit", "verify", "--store", store], capture_output=True, text=True)
        if audit.returncode != 0:
            faults.append(f"audit: {audit.stdout}{audit.stderr}")
        if faults:
            raise SystemExit(f"round {number}:\n" + "\n".join(faults[:20]))
        turns += sum(len(talk.turns) for talk in talks)
        segments += sum(len(talk.segments) for talk in talks)
    served.stop()
    kind = "PostgreSQL" if store.startswith("postgres") else "SQLite"
    print(f"crash on {kind}: {rounds} kills, {turns} acknowledged turns, {segments} segments: all there; the audit chain verifies")
    if turns == 0 or segments == 0:
        raise SystemExit("nothing was acknowledged, so nothing was tested")


def main():
    binary, data, folder = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 50
    conversations = int(sys.argv[5]) if len(sys.argv) > 5 else 200
    if sys.argv[6:] != ["postgres"]:
        crash(binary, data, str(pathlib.Path(folder) / "crash.db"), rounds, conversations)
        return
    try:
        with Cluster() as cluster:
            crash(binary, data, cluster.store, rounds, conversations)
    except Missing as why:
        print(f"not run: what needs PostgreSQL: {why}")


main()
