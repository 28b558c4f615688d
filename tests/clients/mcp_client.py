"""Holds the two-turn conversation through PyPI `mcp`, over streamable HTTP or on standard input and output.

Usage: mcp_client.py http BASE_URL | mcp_client.py stdio COMMAND ARGUMENT…
Exit code 0 only when everything held.
"""

import asyncio
import os
import sys
from contextlib import asynccontextmanager

from mcp import ClientSession, StdioServerParameters
from mcp.client import streamable_http
from mcp.client.stdio import stdio_client

FIRST = "강남 거주 아이폰 사용자 연령별 통계 뽑아줘"
SECOND = "이 중 넷플릭스 보는 사람"
TOOLS = {"search_catalog", "ask", "refine", "preview_sql", "break_down", "save_segment"}


def hold(truth, what):
    if not truth:
        raise SystemExit(f"mcp client: {what} does not hold")


def field(thing, *names):
    """An attribute by whichever of its names this version of the library has."""
    return next(getattr(thing, name) for name in names if hasattr(thing, name))


@asynccontextmanager
async def over_http(base):
    connect = next(getattr(streamable_http, n) for n in ("streamable_http_client", "streamablehttp_client") if hasattr(streamable_http, n))
    async with connect(f"{base}/mcp") as streams:
        yield streams


@asynccontextmanager
async def over_stdio(command, *arguments):
    # The program finds its home where this one does.
    server = StdioServerParameters(command=command, args=list(arguments), env=dict(os.environ))
    async with stdio_client(server) as streams:
        yield streams


async def given(client, tool, /, **arguments):
    result = await client.call_tool(tool, arguments)
    text = "".join(part.text for part in result.content)
    hold(not field(result, "is_error", "isError"), f"{tool} ({text})")
    hold(text, f"a text of {tool}")
    return field(result, "structured_content", "structuredContent")


async def conversation(session):
    await session.initialize()
    listed = await session.list_tools()
    hold({tool.name for tool in listed.tools} == TOOLS, "the list of tools")
    found = await given(session, "search_catalog", query="넷플릭스")
    condition = found["hits"][0]["condition"]
    first = await given(session, "ask", text=FIRST)
    hold(first["turn"] == 1 and first["breakdown"]["rows"], "the first turn")
    second = await given(session, "ask", text=SECOND, session=first["session"])
    hold(second["turn"] == 2 and condition in second["text"], "the second turn")
    hold(first["text"] in second["text"] or "강남구" in second["text"], "narrowing")
    back = await given(
        session, "refine", session=first["session"], edit={"op": "remove", "condition": condition}
    )
    hold(back["text"] == first["text"], "an edit")
    grouped = await given(session, "break_down", session=first["session"], by=["gender"])
    hold(grouped["breakdown"]["by"] == ["gender"], "a breakdown")
    shown = await given(session, "preview_sql", session=first["session"], dialect="postgres")
    hold(shown["sql"].startswith("SELECT"), "a preview")
    saved = await given(session, "save_segment", session=first["session"], name="강남 아이폰")
    hold(saved["name"] == "강남 아이폰", "a saved segment")


async def main():
    transport, *where = sys.argv[1:]
    connect = {"http": over_http, "stdio": over_stdio}[transport]
    async with connect(*where) as streams:
        async with ClientSession(*streams[:2]) as session:
            await conversation(session)
    print(f"mcp client, {transport}: held")


asyncio.run(main())
