"""Holds the two-turn conversation through PyPI `openai`: kept by a session, rebuilt from the messages, and streamed.

Usage: openai_client.py BASE_URL (http://127.0.0.1:8080). Exit code 0 only when everything held.
"""

import sys

import openai

FIRST = "강남 거주 아이폰 사용자 연령별 통계 뽑아줘"
SECOND = "이 중 넷플릭스 보는 사람"


def hold(truth, what):
    if not truth:
        raise SystemExit(f"openai client: {what} does not hold")


def answer(completion):
    """Waggle's own answer, beside what the API has."""
    return completion.model_dump()["waggle"]


def session(completion):
    return completion.model_dump()["metadata"]["session"]


def two_turns(client):
    first = client.chat.completions.create(
        model="automatic", messages=[{"role": "user", "content": FIRST}], temperature=0
    )
    choice = first.choices[0]
    hold(choice.finish_reason == "stop" and choice.message.role == "assistant", "the shape of a completion")
    hold("| 20대 |" in choice.message.content, "the age table")
    hold(answer(first)["breakdown"]["rows"], "the breakdown")
    kept = client.chat.completions.create(
        model="automatic",
        messages=[{"role": "user", "content": SECOND}],
        metadata={"session": session(first)},
    )
    hold(answer(kept)["turn"] == 2 and "Netflix" in answer(kept)["text"], "the second turn in the session")
    hold("강남구" in answer(kept)["text"], "narrowing in the session")
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": [{"type": "text", "text": FIRST}]},
        {"role": "assistant", "content": choice.message.content},
        {"role": "user", "content": SECOND},
    ]
    rebuilt = client.chat.completions.create(model="builtin", messages=messages, user="someone")
    hold(session(rebuilt) != session(first), "another session for a conversation that went on elsewhere")
    for field in ("turn", "text", "count", "count_below", "reply"):
        hold(answer(rebuilt).get(field) == answer(kept).get(field), f"the same {field} when rebuilt")
    return messages, rebuilt


def streamed(client, messages, whole):
    stream = client.chat.completions.create(
        model="automatic", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    text, ended, usage = "", None, None
    for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            ended = choice.finish_reason or ended
        usage = chunk.usage or usage
    hold(ended == "stop" and usage is not None, "the end of a stream")
    hold(text == whole.choices[0].message.content, "the same text in pieces")


def failures(client):
    for request in ({"model": "nobody"}, {"metadata": {"session": "none"}}):
        try:
            client.chat.completions.create(
                **{"model": "automatic", "messages": [{"role": "user", "content": "여성"}], **request}
            )
        except openai.NotFoundError as error:
            hold(error.code and error.type == "invalid_request_error", "the shape of a failure")
        else:
            hold(False, f"a failure for {request}")


def main():
    client = openai.OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none", max_retries=0)
    models = [model.id for model in client.models.list()]
    hold(models[:2] == ["automatic", "builtin"], "the list of models")
    messages, rebuilt = two_turns(client)
    streamed(client, messages, rebuilt)
    failures(client)
    print("openai client: held")


main()
