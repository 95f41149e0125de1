"""What the services are asked: good and bad, repeated and missing, odd and empty."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.e2e.asking import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

_JSON: Final = ("Content-Type", "application/json")
_BOUNDARY: Final = "b0undary"


def get(target: str, *headers: tuple[str, str]) -> Asked:
    return Asked("GET", target, headers)


def sent(method: str, target: str, body: Any, *headers: tuple[str, str]) -> Asked:
    """A body of JSON, or bytes as they are under the given headers."""
    if isinstance(body, bytes):
        return Asked(method, target, headers, body)
    return Asked(method, target, (_JSON, *headers), json.dumps(body, ensure_ascii=False).encode())


def form(target: str, *parts: tuple[str, str | None, str | None, bytes]) -> Asked:
    """Parts of a form: name, file name, type, content."""
    lines: list[bytes] = []
    for name, file, kind, content in parts:
        lines.append(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode())
        lines.append(f'; filename="{file}"'.encode() if file else b"")
        lines.append(f"\r\nContent-Type: {kind}".encode() if kind else b"")
        lines.append(b"\r\n\r\n" + content + b"\r\n")
    body = b"".join(lines) + f"--{_BOUNDARY}--\r\n".encode()
    return Asked("POST", target, (("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}"),), body)


def spoilt(request: Asked) -> Iterator[Asked]:
    """A request with a body, and what clients do wrong with such."""
    yield request
    for body in (b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe{}", request.body + b" x", b'{"a": NaN}'):
        yield Asked(request.method, request.target, request.headers, body)
    for kind in ("text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "application/vnd.api+json"):
        yield Asked(request.method, request.target, (("Content-Type", kind), *request.headers[1:]), request.body)
    yield Asked(request.method, request.target, request.headers[1:], request.body)


def lost(target: str, *methods: str) -> list[Asked]:
    """What no route takes."""
    return [Asked(method, target, routed=False) for method in methods or ("GET",)]


PLAIN: Final = [
    get("/rooms"),
    get("/rooms?a=1&a=2&b=&c"),
    get("/rooms/red/chairs/1"),
    get("/rooms/r%20ed/chairs/%C3%A9%F0%9F%98%80"),
    get("/rooms/red/chairs/a+b"),
    get("/rooms/red/chairs/a%26b%3Dc%3F"),
    get("/rooms/red/chairs/1", ("X-Tired", "yes")),
    get("/rooms/red/chairs/1;v=2"),
    get("/rooms/~._-/chairs/$,:@'()*!"),
    *(sent(method, "/rooms/red", {"a": "é"}) for method in ("PUT", "PATCH", "DELETE")),
    Asked("DELETE", "/rooms/red"),
    Asked("PUT", "/rooms/red"),
    *lost("/rooms/red", "GET", "POST", "HEAD"),
    *lost("/rooms/red/chairs"),
    *lost("/rooms/red/chairs/1", "POST", "DELETE"),
    *lost("/nowhere", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"),
    get("/request?q=1&q=2&q=3&r=a%20b+c&s=%C3%A9&empty=&t=%2525&u=a,b&v[]=1"),
    get("/request?a=1&&b=2&=3&%20=4"),
    get("/request", ("X-Who", "ann"), ("X-Who", "bob")),
    get("/request", ("X-WHO", "é ü"), ("X-Odd", "a,b")),
    get("/request", ("Cookie", "a=1; b=2"), ("Accept", "*/*")),
    get("/request", ("Cookie", 'a="q; x"; =; c')),
    get("/request", ("Authorization", "Bearer nothing"), ("X-Api-Key", "none")),
    get("/request", ("Origin", "https://shop.example.com")),
    get("/request", ("Origin", "https://other.example.com")),
    sent("POST", "/request", b"plain text", ("Content-Type", "text/plain")),
    sent("POST", "/request", b"a=1&b=%C3%A9", ("Content-Type", "application/x-www-form-urlencoded")),
    sent("POST", "/request", "é 😀", ("X-Who", "ann")),
    sent("POST", "/request", b""),
    sent("POST", "/request", b"<a/>", ("Content-Type", "application/xml")),
    *spoilt(sent("POST", "/json", {"a": [1, None, "é 😀", 1e300, {"b": "\u2028"}]})),
    get("/files/a"),
    get("/files/a/b/c.txt?d=1"),
    get("/files/a%20b/%E2%82%AC"),
    get("/files/a//b"),
    *(get(f"/errors/{kind}") for kind in ("bad", "unknown", "none", "failed", "gone", "torn", "other")),
    get("/crash"),
    *(get(f"/answers/{kind}") for kind in ("cookies", "many", "moved", "nothing", "empty", "html", "xml", "object", "wrong")),
    get("/cached"),
    get("/uncors", ("Origin", "https://shop.example.com")),
    Asked("HEAD", "/head"),
    *lost("/head", "GET"),
]
_PNG: Final = ("Accept", "image/png")
BYTES: Final = [
    get("/bytes/a"),
    get("/bytes/a", _PNG),
    get("/bytes/%C3%A9", ("Accept", "text/html,*/*")),
    get("/bytes", ("Accept-Encoding", "gzip")),
    get("/bytes", ("Accept-Encoding", "br")),
    get("/bytes"),
    get("/bytes/a/text", ("Accept-Encoding", "deflate, gzip")),
    get("/bytes/a/text"),
    get("/zipped"),
    sent("PUT", "/bytes/a", bytes(range(256)), ("Content-Type", "image/png")),
    sent("PUT", "/bytes/a", b"text", ("Content-Type", "text/plain")),
    sent("PUT", "/bytes/a", {"json": "é"}),
    sent("PUT", "/bytes/a", b""),
    *lost("/bytes/a", "POST"),
]
_PART: Final = {
    "partId": 7,
    "parts": [{"partId": 8, "form": {"shape": "box", "sides": [1, "2"]}}],
    "tags": ["é"],
    "form": {"shape": "circle", "radius": "1.5"},
    "size": "large",
    "made": "2024-02-29",
    "barcode": "x",
}
_SHAPES: Final[list[Any]] = [[], [{"shape": "circle", "radius": 1}], [{"shape": "box", "sides": [1, 2]}] * 4, [{"shape": "cone"}, 7], {}]
_REPLACED: Final[list[tuple[str, Any]]] = [
    ("7", {"part": _PART, "note": "short"}),
    ("7", {"part": _PART, "note": "too long"}),
    ("7", {"part": _PART}),
    ("7", _PART),
    ("x", {"part": {}, "note": 5}),
]
_TENANT: Final = ("X-Tenant", "acme")
CHECKED: Final = [
    *(get(f"/parts/{part}") for part in ("7", "0", "1000", "x", "%207", "7.0", "07", "-1", "1e2", "%D9%A7")),
    *(
        get(f"/parts/7?{query}")
        for query in (
            "size=small",
            "size=huge",
            "size=",
            "size=small&size=large",
            "made-since=2024-02-29",
            "made-since=2023-02-29",
            "made_since=2024-02-29",
            "n=1&n=2",
            "n=1&n=x",
            "n=",
            "n=1,2",
            "unknown=1",
            "n=%31",
        )
    ),
    *(
        get(f"/parts{query}")
        for query in (
            "",
            "?limit=5&order=down&ids=1&ids=2",
            "?limit=0",
            "?limit=51&order=left",
            "?limit=5&more=1",
            "?ids=x",
            "?limit=5&limit=6",
        )
    ),
    *spoilt(sent("POST", "/parts", _PART)),
    *(
        sent("POST", "/parts", {**_PART, **wrong})
        for wrong in (
            {"partId": "7"},
            {"partId": 7.5},
            {"partId": None},
            {"part_id": 9},
            {"parts": [{"partId": 7}]},
            {"parts": [{"partId": 8, "parts": [{"partId": 8}]}]},
            {"tags": ["a", "b", "c", "d"]},
            {"tags": [""]},
            {"form": {"shape": "square"}},
            {"form": {"shape": "circle", "radius": 0}},
            {"form": {"shape": "box", "sides": [1]}},
            {"form": {"shape": "box", "sides": [1, 2], "more": 1}},
            {"size": "huge"},
            {"made": "tomorrow"},
            {"code": 5},
        )
    ),
    *(sent("PUT", f"/parts/{part}", body) for part, body in _REPLACED),
    *(sent("POST", "/shapes", shapes) for shapes in _SHAPES),
    *(sent("POST", "/anything", given) for given in (5, "5", ["a"], [1], {"a": True}, {"a": "maybe"}, None, 1.5)),
    sent("POST", "/anything", b""),
    get("/headers"),
    get("/headers", _TENANT),
    get("/headers", ("X-Tenant", "a")),
    get("/headers", _TENANT, ("X-Trace", "3f2b8a3e-5d6c-4f7a-9b1e-0c2d4e6f8a1b"), ("Accept-Language", "de"), ("Accept-Language", "en")),
    get("/headers", _TENANT, ("x-trace", "3f2b")),
    get("/headers", _TENANT, ("Cookie", "session=s; other=o")),
    get("/headers", _TENANT, ("Cookie", "other=o")),
    *(
        sent("POST", "/forms", body, ("Content-Type", "application/x-www-form-urlencoded"))
        for body in (b"name=ann&times=2", b"name=a", b"name=ann&times=x", b"", b"name=%C3%A9%20+e", b"name=ann&name=bob")
    ),
    sent("POST", "/forms", b"name=ann", ("Content-Type", "text/plain")),
    form("/files", ("upload", "a é.txt", "text/plain", b"a\r\nb"), ("note", None, None, "é".encode())),
    form("/files", ("upload", "a.bin", "image/png", bytes(range(256)))),
    form("/files", ("upload", None, None, b"no file")),
    form("/files", ("note", None, None, b"no upload")),
    form("/raw-files", ("upload", "a.txt", "text/plain", b"0123456789")),
    form("/raw-files", ("upload", "a.txt", "text/plain", b"x" * 65)),
    sent("POST", "/files", b"--", ("Content-Type", "multipart/form-data; boundary=x")),
    sent("POST", "/files", b"--", ("Content-Type", "multipart/form-data")),
    *(get(f"/wrong-answers{query}") for query in ("", "?kind=none", "?kind=other")),
    get("/odd-answers"),
    *(get(f"/responses/{status}") for status in ("200", "201", "404", "599", "199", "600")),
    get("/dependencies"),
    get("/dependencies", _TENANT),
    get("/unchecked?a=1&a=2"),
    *lost("/parts", "DELETE", "PATCH", "HEAD"),
]
TERSE: Final = [
    *spoilt(sent("POST", "/terse/7?sizes=small&sizes=large", _PART)),
    *(sent("POST", f"/terse/{rest}", _PART) for rest in ("x?sizes=small", "7", "7?sizes=", "7?sizes=huge")),
    *lost("/terse", "GET", "POST"),
]
_REX: Final = {"name": "Rex", "photoUrls": ["https://a.example.com/1.png"], "tags": [{"id": 1, "name": "good"}], "status": "sold"}
_NO_PETS: Final[list[Any]] = [{}, {"name": ""}, {"name": "x" * 41}, {**_REX, "status": "lost"}, {**_REX, "tags": [{}]}, [_REX]]
PETS: Final = [
    get("/store/inventory"),
    sent("POST", "/pet", _REX),
    sent("POST", "/pet", {"name": "Ümlaut 😀", "category": {"name": "cats"}}),
    *(sent("POST", "/pet", wrong) for wrong in _NO_PETS),
    *(get(f"/pet/{pet}") for pet in ("1", "2", "9", "0", "-1", "one", "1.0", "%31")),
    *(
        get(f"/pet/findByStatus{query}")
        for query in ("", "?status=sold", "?status=sold&status=available", "?status=lost", "?status=sold,available", "?Status=sold")
    ),
    *(get(f"/pet/findByTags{query}") for query in ("", "?tags=good", "?tags=bad&tags=good", "?tags=")),
    sent("PUT", "/pet/1", {**_REX, "status": "pending"}),
    sent("PUT", "/pet/9", _REX),
    *(
        sent("POST", "/store/order", order)
        for order in ({"petId": 1}, {"petId": 9}, {"petId": 1, "quantity": 0}, {"petId": "1", "complete": "yes"}, {})
    ),
    *(get(f"/store/order/{number}") for number in ("1", "2", "3", "11", "x")),
    Asked("DELETE", "/pet/2"),
    Asked("DELETE", "/pet/2", (("api-key", "ab"),)),
    Asked("DELETE", "/pet/2", (("Api-Key", "abc"),)),
    Asked("DELETE", "/pet/2", (("api-key", "abc"),)),
    get("/store/inventory"),
    *lost("/pet", "GET", "PUT", "DELETE"),
    *lost("/pet/1", "POST", "PATCH"),
    *lost("/pet/1/2"),
]
_ANN: Final = ("Authorization", "Token token-of-ann")
_BOB: Final = ("Authorization", "Token token-of-bob")
_ARTICLE: Final = {"article": {"title": "How to é a Table", "description": "d", "body": "b", "tagList": ["wood", "é"]}}
BLOG: Final = [
    *(
        sent("POST", "/api/users", {"user": {"username": name, "email": f"{name}@example.com", "password": "secret"}})
        for name in ("ann", "bob", "ann", "A", "über")
    ),
    *(sent("POST", "/api/users", wrong) for wrong in ({}, {"user": None}, {"user": {"username": "cy", "email": "cy", "password": "1"}})),
    get("/api/user"),
    get("/api/user", _ANN),
    get("/api/user", ("Authorization", "Bearer token-of-ann")),
    get("/api/user", ("authorization", "Token token-of-nobody")),
    get("/api/profiles/ann"),
    get("/api/profiles/ann", _ANN),
    get("/api/profiles/a%20b"),
    sent("POST", "/api/articles", _ARTICLE),
    *spoilt(sent("POST", "/api/articles", _ARTICLE, _ANN)),
    sent("POST", "/api/articles", {"article": {"title": "", "description": "d"}}, _ANN),
    sent("POST", "/api/articles", {"article": {"title": "Ü", "description": "d", "body": "b", "tag_list": ["by name"]}}, _BOB),
    *(
        get(f"/api/articles{query}")
        for query in ("", "?tag=wood", "?tag=%C3%A9&author=ann", "?limit=1&offset=1", "?limit=0", "?limit=x&offset=-1", "?author=")
    ),
    get("/api/articles/feed"),
    get("/api/articles/feed", _BOB),
    get("/api/articles/how-to-a-table", _ANN),
    get("/api/articles/none"),
    sent("PUT", "/api/articles/how-to-a-table", {"article": {"title": "Changed"}}, _BOB),
    sent("PUT", "/api/articles/how-to-a-table", {"article": {"title": "Changed"}}, _ANN),
    sent("POST", "/api/articles/how-to-a-table/favorite", b"", _BOB),
    sent("POST", "/api/articles/how-to-a-table/favorite", b"{", _BOB),
    get("/api/articles/how-to-a-table", _BOB),
    *(sent("POST", "/api/articles/how-to-a-table/comments", body, _BOB) for body in ({"body": "Nice é"}, {"body": ""}, {}, "Nice")),
    get("/api/articles/how-to-a-table/comments"),
    Asked("DELETE", "/api/articles/how-to-a-table/comments/1", (_ANN,)),
    Asked("DELETE", "/api/articles/how-to-a-table/comments/x", (_BOB,)),
    Asked("DELETE", "/api/articles/how-to-a-table/comments/1", (_BOB,)),
    get("/api/tags"),
    Asked("DELETE", "/api/articles/how-to-a-table", (_BOB,)),
    Asked("DELETE", "/api/articles/how-to-a-table", (_ANN,)),
    get("/api/articles/how-to-a-table"),
    *lost("/api/articles", "PUT", "DELETE"),
    *lost("/api"),
]
LINKS: Final = [
    *spoilt(sent("POST", "/links", {"url": "https://example.com/?q=é"})),
    *(sent("POST", "/links", wrong) for wrong in ({"url": "ftp://x"}, {"url": 5}, {"uri": "https://x"}, {"url": None})),
    get("/44b0fc4"),
    get("/none"),
    get("/n%C3%B6"),
    get("/links/44b0fc4/stats"),
    get("/links/none/stats"),
    get("/links/44b0fc4/qr.svg"),
    Asked("DELETE", "/links/44b0fc4"),
    Asked("DELETE", "/links/44b0fc4"),
    *lost("/a/b"),
    *lost("/a", "POST"),
]
NOTES: Final = [
    get("/notes"),
    *(
        sent("PUT", f"/notes/{note}", {"title": f"Note {note}", "labels": {"l": note}})
        for note in ("aa", "bb", "cc", "a", "A1", "%C3%A9%C3%A9")
    ),
    *spoilt(sent("PUT", "/notes/dd", {"title": "é", "text": "😀\u0000", "labels": {"é": ""}})),
    sent("PUT", "/notes/ee", {"title": "x"}, ("If-Match", "*")),
    sent("PUT", "/notes/aa", {"title": "x"}, ("If-Match", "*")),
    *(
        get(f"/notes{query}")
        for query in (
            "?limit=9",
            "?limit=10",
            "?limit=x",
            "?cursor=Mg==",
            "?cursor=Mg%3D%3D",
            "?cursor=%C3%A9",
            "?cursor=x",
            "?label=l&label=x",
            "?cursor=",
        )
    ),
    form("/files", ("file", "a.bin", "image/png", bytes(range(256))), ("folder", None, None, b"docs")),
    form("/files", ("file", "b.txt", None, "é".encode()), ("folder", None, None, b"docs")),
    form("/files", ("file", "c.txt", "text/plain", b""), ("folder", None, None, b"No!")),
    form("/files"),
    get("/files/docs/a.bin"),
    get("/files/docs/a.bin", _PNG),
    get("/files/docs/b.txt"),
    get("/files/docs/none"),
    get("/files"),
    get("/files", ("Accept-Encoding", "gzip")),
    *lost("/files/docs", "GET", "POST"),
    *lost("/notes", "POST", "DELETE"),
]
