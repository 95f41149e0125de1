"""What a browser needs to show the reference of a WebSocket API: its AsyncAPI document, and a page that tells it to people."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }}
pre {{ background: #f4f4f4; overflow-x: auto; padding: 1rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>Messages are JSON over one WebSocket; <a href="asyncapi.json">asyncapi.json</a> says the same to programs, and <a href="socket.js">socket.js</a> is a client for browsers.</p>
<main>
{main}
</main>
</body>
</html>
"""


def socket_pages(document: Mapping[str, Any], client: Mapping[str, str]) -> dict[str, bytes]:
    """The files, by their names.

    Args:
        document: The AsyncAPI document.
        client: The client's files, of which browsers take the script.
    """
    page = _PAGE.format(title=escape(document["info"]["title"]), main="\n".join(_sections(document)))
    return {
        "socket.html": page.encode(),
        "asyncapi.json": json.dumps(document, ensure_ascii=False).encode(),
        "socket.js": client["socket.js"].encode(),
    }


def _sections(document: Mapping[str, Any]) -> Iterator[str]:
    messages = document["components"]["messages"]
    for title, action in (("What clients send", "receive"), ("What clients get without having asked", "send")):
        yield f"<h2>{title}</h2>"
        for operation in document["operations"].values():
            if operation["action"] == action:
                names = [_name(each) for part in (operation, operation.get("reply", {})) for each in part.get("messages", ())]
                yield from (_message(name, messages[name]) for name in names if name != "error")
    yield "<h2>Errors</h2>"
    yield _message("error", messages["error"])
    for name, schema in document["components"].get("schemas", {}).items():
        yield _message(name, {"payload": schema}, kind="schema")


def _name(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rsplit("/", 1)[1]


def _message(name: str, message: Mapping[str, Any], kind: str = "message") -> str:
    said = "".join(f"<p>{escape(message[part])}</p>" for part in ("summary", "description") if part in message)
    schema = escape(json.dumps(message["payload"], indent=2, ensure_ascii=False))
    return f'<section id="{kind}-{escape(name)}"><h3>{escape(message.get("title", name))}</h3>{said}<pre>{schema}</pre></section>'
