"""Many conversations at once: no errors, no mixed sessions, and how long a turn takes beside the same load on one
session. Then more than the server takes: it says 429 or 503 with Retry-After, and recovers.

    load.py BINARY DATA FOLDER [SESSIONS] [TURNS]
"""

import pathlib
import sys
import threading
import time

from served import Client, Served

SIDO = ["서울", "부산", "대구", "인천", "광주", "대전", "울산", "경기", "강원", "제주"]
AGES = ["20대", "30대", "40대", "50대"]
THEN = ["이 중 여성만", "아이폰 쓰는 사람만", "연령대별로 보여줘", "성별로 나눠줘", "되돌려줘"]


def talk(served, number, turns, out):
    """One conversation; what it says first tells it from the others."""
    client = Client(served, timeout=120)
    session = client.session()
    first = f"{SIDO[number % len(SIDO)]} 사는 {AGES[number // len(SIDO) % len(AGES)]}"
    for turn in range(turns):
        started = time.perf_counter()
        status, _, answer = client.say(session, first if turn == 0 else THEN[(turn - 1) % len(THEN)])
        out.append(time.perf_counter() - started)
        if status != 200 or answer["session"] != session or answer["turn"] != turn + 1:
            raise AssertionError((number, turn, status, answer))
        if turn == 0:
            base = answer["text"]
        elif base not in answer["text"]:
            raise AssertionError(f"mixed: {number} began with {base} and is at {answer['text']}")


def load(served, sessions, turns):
    """Times of all turns, sorted, in seconds."""
    times, faults = [], []

    def one(number):
        try:
            talk(served, number, turns, times)
        except Exception as fault:  # what goes wrong in a thread must reach the caller
            faults.append(repr(fault))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(f"{len(faults)} of {sessions} conversations failed:\n" + "\n".join(faults[:5]))
    return sorted(times)


def percentile(times, share):
    return 1000 * times[min(len(times) - 1, int(len(times) * share))]


def overload(binary, data, folder):
    """A small queue, and more at once than fits."""
    flags = ("--limits-queue-length", "4", "--limits-concurrent-queries", "1", "--limits-rate-per-minute", "0")
    served = Served(binary, data, str(pathlib.Path(folder) / "overload.db"), *flags)
    statuses, faults = [], []

    def one():
        try:
            client = Client(served)
            session = client.session()
            for _ in range(10):
                status, headers, body = client.say(session, "서울 사는 사람 연령대별로")
                statuses.append(status)
                if status in (429, 503) and (not headers.get("retry-after") or "code" not in body):
                    faults.append((status, dict(headers), body))
        except Exception as fault:
            faults.append(repr(fault))

    threads = [threading.Thread(target=one) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = sum(status in (429, 503) for status in statuses)
    odd = [status for status in statuses if status not in (200, 429, 503)]
    client = Client(served)
    after, _, answer = client.say(client.session(), "부산 사는 사람")
    served.stop()
    if faults or odd or not refused or after != 200:
        raise SystemExit(f"overload: {refused} refused, odd {odd[:5]}, afterwards {after}, {faults[:3]}")
    print(f"overload: {refused} of {len(statuses)} told to come again, then answered as before")


def main():
    binary, data, folder = sys.argv[1:4]
    sessions = int(sys.argv[4]) if len(sys.argv) > 4 else 200
    turns = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    flags = ("--limits-rate-per-minute", "0")
    served = Served(binary, data, str(pathlib.Path(folder) / "load.db"), *flags)
    load(served, 1, turns)  # the first turn opens files
    alone = load(served, 1, sessions * turns)
    many = load(served, sessions, turns)
    stopped = served.stop()
    for name, times in (("1 session", alone), (f"{sessions} sessions", many)):
        print(f"load: {name}: {len(times)} turns, median {percentile(times, 0.5):.0f} ms, 99% {percentile(times, 0.99):.0f} ms")
    ratio = percentile(many, 0.99) / percentile(alone, 0.99)
    print(f"load: the 99th percentile with {sessions} sessions is {ratio:.0f} times that of one")
    if stopped != 0:
        raise SystemExit(f"the server ended with {stopped}")
    overload(binary, data, folder)


main()
