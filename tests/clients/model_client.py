"""Holds conversations through `waggle serve` with a real model behind it, and asserts structure, not words: who translated,
that every draft could be read, that nothing breaks where a model cannot be reached.

Usage: model_client.py BASE_URL. The server knows two models: `gone`, which cannot be reached, and `local`, which can.
Exit code 0 only when everything held.
"""

import http.client
import json
import re
import sys
import time
from urllib.parse import urlsplit

# Ten conversations, in both languages.
CONVERSATIONS = [
    ("ko", ["대전 사는 여성 고객 몇 명이야?", "이 중 넷플릭스 보는 사람", "연령대별로 나눠줘"]),
    ("ko", ["강남 거주 아이폰 사용자 뽑아줘", "그 중 30대만"]),
    ("ko", ["5G 쓰는 40대 남성", "부산 사는 사람으로 좁혀줘"]),
    ("ko", ["월 요금 7만원 이상 내는 고객", "성별로 보여줘"]),
    ("ko", ["유튜브 보는 20대", "서울 말고 경기도 사는 사람만"]),
    ("en", ["customers in Busan who use an iPhone", "of those, only women", "break it down by age group"]),
    ("en", ["men over 40 on 5G", "what about women?"]),
    ("en", ["people in Seoul who watch Netflix", "exclude those in their 20s"]),
    ("en", ["Samsung users", "drop that condition"]),
    ("en", ["customers paying at least 50,000 won a month", "by gender"]),
]
# For the chain: the first of them wants the built-in translator, the last ones are phrased so that it may be unsure.
CHAIN = ["서울 사는 20대", "이 중 유튜브 보는 사람", "요금 비싼 거 쓰는 쪽으로 더 좁혀볼 수 있나", "성별로 나눠줘"]
STATUSES = {"answered", "clarify", "refused", "unknown", "about"}
# Longest wait for one answer, in seconds.
PATIENCE = 290


def hold(truth, what):
    if not truth:
        raise SystemExit(f"model client: {what} does not hold")


class Talk:
    """A session of the server."""

    def __init__(self, base, locale):
        parts = urlsplit(base)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        self.id = json.loads(self.send("POST", "/v1/sessions", {"locale": locale}))["id"]

    def send(self, method, path, body=None, **headers):
        text = None if body is None else json.dumps(body)
        kind = {} if body is None else {"content-type": "application/json"}
        self.connection.request(method, path, text, {**kind, **headers})
        response = self.connection.getresponse()
        data = response.read().decode()
        hold(response.status == 200, f"200 for {method} {path} (got {response.status}: {data[:300]})")
        return data

    def streamed(self, text, model):
        """The events of an answer, in order, and the answer itself."""
        body = {"text": text, **({"model": model} if model else {})}
        data = self.send("POST", f"/v1/sessions/{self.id}/messages", body, accept="text/event-stream")
        events = []
        for block in data.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
            if "event" in fields:
                events.append((fields["event"], json.loads(fields["data"])))
        hold(events and events[-1][0] == "done", f"the end of the stream for {text!r} ({[name for name, _ in events]})")
        return [name for name, _ in events], events[-1][1]

    def said(self, text, model=None):
        body = {"text": text, **({"model": model} if model else {})}
        return json.loads(self.send("POST", f"/v1/sessions/{self.id}/messages", body))


def metrics(base):
    """Name with labels → number."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    return [(line.rsplit(" ", 1)[0], float(line.rsplit(" ", 1)[1])) for line in lines if line and line[0] != "#"]


def counted(numbers, name, **labels):
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(n for at, n in numbers if re.match(rf"{name}(\{{|$)", at) and all(w in at for w in wanted))


def whole(answer, turn):
    hold(answer["status"] in STATUSES, f"a status that is known ({answer['status']})")
    hold(answer["turn"] == turn and answer["reply"] and answer["translator"], "the shape of an answer")
    hold(answer["status"] != "answered" or "count" in answer or "count_below" in answer, "a number where one is answered")


def stated(answer):
    """Whether an answer that another than the named model translated says so."""
    told = json.dumps(answer, ensure_ascii=False)
    return answer["translator"] == "local" or ("local" in told and answer["translator"] in told)


def conversation(base, locale, requests):
    talk, by = Talk(base, locale), []
    for turn, text in enumerate(requests, 1):
        began = time.monotonic()
        events, answer = talk.streamed(text, "local")
        whole(answer, turn)
        hold(stated(answer), f"who translated {text!r}: {answer['translator']}")
        if answer["status"] == "answered":
            hold("reading" in events and "reply" in events, f"the stages of {text!r} ({events})")
        by.append(answer["translator"])
        print(f"  {time.monotonic() - began:5.1f} s  {answer['translator']:8} {answer['status']:8} {text}", flush=True)
    return by


def chain(base):
    """With a model that cannot be reached before one that can, nothing breaks, and each answer says who translated."""
    talk = Talk(base, "ko")
    for turn, text in enumerate(CHAIN, 1):
        _, answer = talk.streamed(text, None if turn % 2 else "automatic")
        whole(answer, turn)
        hold(answer["translator"] in {"builtin", "local"}, f"who translated {text!r}: {answer['translator']}")
    answer = talk.said("이 중 여성만", "gone")
    whole(answer, len(CHAIN) + 1)
    hold(answer["translator"] != "gone", "another one in the place of a model that cannot be reached")
    hold("gone" in json.dumps(answer, ensure_ascii=False), "that the answer names the model that could not be reached")
    hold(answer["text"], "a segment after it all")


def listed(base):
    talk = Talk(base, "ko")
    models = [model["id"] for model in json.loads(talk.send("GET", "/v1/models"))["data"]]
    hold(models == ["automatic", "builtin", "gone", "local"], f"the list of models ({models})")


def main():
    base, began = sys.argv[1], time.monotonic()
    listed(base)
    by = [who for locale, requests in CONVERSATIONS for who in conversation(base, locale, requests)]
    numbers = metrics(base)
    parsed = counted(numbers, "waggle_model_drafts_total", model="local", outcome="parsed")
    unreadable = counted(numbers, "waggle_model_drafts_total", model="local", outcome="unreadable")
    hold(parsed > 0, "that the model wrote drafts")
    hold(unreadable == 0, f"that every draft could be read ({unreadable:.0f} of {parsed + unreadable:.0f} could not)")
    hold(counted(numbers, "waggle_model_tokens_total", model="local", kind="output") > 0, "tokens that are counted")
    chain(base)
    numbers = metrics(base)
    hold(counted(numbers, "waggle_model_calls_total", model="gone", outcome="unreachable") > 0, "the calls to `gone`")
    took = time.monotonic() - began
    print(
        f"model client: held; {by.count('local')} of {len(by)} turns by the model, {parsed:.0f} drafts, all readable; "
        f"{took:.0f} s"
    )


main()
