"""An MCP server for tests: `python mcp_server.py stdio` or `python mcp_server.py http PORT`."""

import os
import sys
import time

from mcp.server.mcpserver import MCPServer

server = MCPServer("tests")


@server.tool()
def add(first: int, second: int = 1) -> int:
    """Add two numbers."""
    return first + second


@server.tool()
def fail() -> str:
    """Raise."""
    raise ValueError("no luck")


@server.tool()
def hang() -> str:
    """Take a minute."""
    time.sleep(60)
    return "late"


@server.tool()
def flood() -> str:
    """Bring more than anybody wants."""
    return "x" * 3_000_000


@server.tool()
def die() -> str:
    """End the server in the middle of a call."""
    os._exit(3)


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
