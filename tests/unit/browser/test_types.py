"""The types of the client, as TypeScript's own compiler reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateleg.browser.client import client_files
from gateleg.browser.typescript import Types, names_of
from gateleg.cli import main
from gateleg.description import App, Route
from gateleg.errors import DeclarationError

TSC = Path(__file__).parents[3] / "node_modules/typescript/bin/tsc"
ROOM = {"type": "object", "properties": {"room": {"type": "string"}, "since": {"type": "string"}}, "required": ["room"]}
USAGE = """
import { connect, SocketError, type Api, type Client, type Message } from "./socket.js";

const chat: Client = connect({
  url: async () => new URL("wss://chat.example.com/live"),
  id: message => (message.event === "message" ? message.message.message_id : undefined),
  resume: async (lastId: string | undefined, call) => {
    await call("join", { room: "lobby" });
    const items: Api.Said[] = [];
    return items;
  },
  onmessage(message) {
    if (message.event === "presence") message.people.map(name => name.toUpperCase());
    // @ts-expect-error presence has no message
    if (message.event === "presence") message.message;
    // @ts-expect-error there is no such event
    if (message.event === "moved") return;
  },
  onstatechange: state => {
    // @ts-expect-error there is no such state
    if (state === "opened") return;
  },
  answerWithin: 10_000,
});
const taken = await chat.call("send", { room: "lobby", body: "hello" });
const text: string | undefined = taken.message?.body;
const nothing: null = await chat.call("ping");
const sent: boolean = chat.send("leave", { room: "lobby" });
// @ts-expect-error there is no such action
chat.call("sned", { room: "lobby", body: "hello" });
// @ts-expect-error a body is missing
chat.call("send", { room: "lobby" });
// @ts-expect-error a room is a string
chat.call("join", { room: 3 });
// @ts-expect-error the client writes the request id
chat.call("send", { room: "lobby", body: "hello", request_id: "1" });
// @ts-expect-error a payload is missing
chat.call("join");
// @ts-expect-error a ping holds nothing
chat.call("ping", { room: "lobby" });
// @ts-expect-error there is no such option
connect({ url: () => "wss://x", onmesage() {} });
// @ts-expect-error a state is not written
chat.state = "open";
chat.close();
const error = new Error() as SocketError;
const code: string = error.code;
export { code, nothing, sent, text, type Message };
"""


def compiled(node: str, folder: Path, *files: str) -> str:
    """What the compiler complains of."""
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"]
    return subprocess.run([node, str(TSC), *options, *files], cwd=folder, capture_output=True, text=True, check=False).stdout


def test_right_use_compiles_and_each_mistake_is_found(node: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["client", "lambdas.chat.socket:app", "-o", str(tmp_path / "file" / "web")]) == 1
    assert "give a folder with -o" in capsys.readouterr().err
    assert main(["client", "lambdas.chat.socket:app", "-o", str(tmp_path / "web")]) == 0
    assert capsys.readouterr().out.splitlines() == [f"wrote {tmp_path}/web/socket.js", f"wrote {tmp_path}/web/socket.d.ts"]
    (tmp_path / "web" / "usage.ts").write_text(USAGE, encoding="utf-8")
    assert compiled(node, tmp_path / "web", "usage.ts") == ""


HARD = {
    "Page[Room]": {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Room"}}}},
    "Page_Room_": {"type": "string"},
    "Room": {**ROOM, "description": "Ends here: */ export"},
    "2D": {"prefixItems": [{"type": "number"}, {"type": "number"}], "items": False, "type": "array"},
    "Tree": {"type": "object", "properties": {"leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}},
    "Open": {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
    "Unused": {"type": "string"},
}


def test_schemas_of_every_kind_make_types_that_compile(node: str, tmp_path: Path) -> None:
    reply = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in HARD if name != "Unused"]}
    payload = {"type": "object", "properties": {"a-b": True, "never": False, "class": {"enum": ["x", 1, None]}, "action": {"const": "a b"}}}
    app = App("svc.socket:app", "websocket", (Route("a b", "h", operation={"payload": payload, "reply": reply}),), schemas=HARD)
    (tmp_path / "socket.d.ts").write_text(written := client_files(app)["socket.d.ts"], encoding="utf-8")
    (tmp_path / "use.ts").write_text(
        'import { type Api, type Calls } from "./socket.js";\n'
        'const payload: Calls["a b"]["payload"] = { "a-b": 3, class: null };\n'
        "const point: Api._2D = [1, 2];\nconst tree: Api.Tree = { leaves: [{ leaves: [] }] };\nconst open: Api.Open = { n: 1, more: 'text' };\n"
        "const one: Api.Page_Room_ = { items: [{ room: 'a' }] };\nconst other: Api.Page_Room__2 = 'text';\n"
        "// @ts-expect-error three are no pair\nconst long: Api._2D = [1, 2, 3];\nexport { long, one, open, other, payload, point, tree };\n",
        encoding="utf-8",
    )
    assert compiled(node, tmp_path, "use.ts", "socket.d.ts") == ""
    assert "Unused" not in written


WRITTEN: list[tuple[Any, str]] = [
    (True, "unknown"),
    ({}, "unknown"),
    (False, "never"),
    ({"type": ["string", "null"]}, "string | null"),
    ({"const": 'a "b"'}, '"a \\"b\\""'),
    ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}, "(string | number)[]"),
    ({"type": "array"}, "unknown[]"),
    ({"type": "array", "prefixItems": [{"type": "string"}]}, "[string, ...unknown[]]"),
    ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
    ({"type": "object", "additionalProperties": False}, "Record<string, never>"),
    ({"allOf": [{"$ref": "#/components/schemas/Room"}, {"type": "object", "properties": {"a": {}}}]}, "Room & {\n  a?: unknown;\n}"),
    ({"oneOf": [{"type": "string"}, {"type": "string"}], "title": "Said"}, "string"),
    ({"$ref": "#/components/schemas/Gone"}, "unknown"),
    ({"$ref": "#/components/schemas/Room", "description": "Where"}, "Room"),
]


@pytest.mark.parametrize(("schema", "written"), WRITTEN)
def test_a_schema_is_written_as(schema: Any, written: str) -> None:
    assert Types({"Room": "Room"}).written(schema) == written


def test_names_stay_apart() -> None:
    assert names_of(["Room", "Room-Input", "Room_Input", "3"]) == {
        "Room": "Room",
        "Room-Input": "Room_Input",
        "Room_Input": "Room_Input_2",
        "3": "_3",
    }


def configuration(*routes: Route, **given: Any) -> str:
    [line] = re.findall(
        r"^const API = (.*);$", client_files(App("svc.socket:app", "websocket", routes, **given))["socket.js"], re.MULTILINE
    )
    return str(line)


def test_the_script_knows_the_key_of_the_action_the_ping_and_what_may_be_repeated() -> None:
    asks = {"type": "object", "required": ["request_id"], "properties": {"request_id": {"type": "string"}}}
    routes = (
        Route("own", "h", operation={"payload": asks}),
        Route("join", "h", operation={"payload": ROOM}),
        Route("$connect", "h", operation={"payload": asks}),
        Route("direct", "function"),
    )
    assert configuration(*routes, action_key="type") == '{"action": "type", "ping": null, "repeatable": ["own"]}'
    assert '"ping": "ping"' in configuration(Route("ping", "h"))
    assert '"ping": null' in configuration(Route("ping", "h", operation={"payload": ROOM}))


def test_the_script_is_the_file_but_for_that_line() -> None:
    ours = Path(str(client_files.__code__.co_filename)).with_name("socket.js").read_text(encoding="utf-8").splitlines()
    made = client_files(App("svc.socket:app", "websocket"))["socket.js"].splitlines()
    assert [number for number, (one, other) in enumerate(zip(ours, made, strict=True)) if one != other] == [1]
    assert ours[1].startswith("const API = ")


def test_the_script_is_small() -> None:
    """Without its comments and its indentation; a minifier makes 4.1 kB of it, and gzip 2.0 kB of that."""
    lines = client_files(App("svc.socket:app", "websocket"))["socket.js"].splitlines()
    assert sum(len(line.strip()) + 1 for line in lines if not line.strip().startswith("//")) < 7_000


@pytest.mark.parametrize("kind", ["rest", "stream"])
def test_an_app_of_another_kind_is_refused_and_the_one_that_the_message_names_is_taken_above(kind: str) -> None:
    with pytest.raises(DeclarationError, match=rf"is a {kind} app, .* such as lambdas\.chat\.socket:app"):
        client_files(App("svc.rest:app", kind))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] (a parameter of the test)


CHANNEL_USAGE = """
import { subscribe, type Subscription } from "./channel.js";

const news: Subscription = subscribe<{ text: string }>({
  url: "wss://a1b2c3.appsync-realtime-api.eu-north-1.amazonaws.com/event/realtime",
  ticket: async () => ({ channel: "/topics/tnews", token: "t" }),
  onmessage: message => message.text.toUpperCase(),
  // @ts-expect-error there is no such option
  onmesage: () => {},
});
news.close();
// @ts-expect-error a ticket is missing
subscribe({ url: "wss://example.com" });
"""


def test_an_app_whose_topics_are_channels_gets_what_subscribes_to_them(node: str, tmp_path: Path) -> None:
    plain, with_channels = (client_files(App("svc.socket:app", "websocket", channels=each)) for each in (False, True))
    assert set(with_channels) - set(plain) == {"channel.js", "channel.d.ts"}
    for name, text in {**with_channels, "usage.ts": CHANNEL_USAGE}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler"]
    done = subprocess.run([node, str(TSC), *options, "usage.ts"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
