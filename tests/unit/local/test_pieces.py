"""State on disk, endpoints, watched files, live code and what the CLI's output tells."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from gateleg.errors import LocalError, PortTakenError, ToolMissingError
from gateleg.local import emulator
from gateleg.local.assembly import Assembly, Stack
from gateleg.local.cdk_cli import CdkCli, credentials
from gateleg.local.endpoints import Endpoint, endpoints, lines, to_open
from gateleg.local.hotswap import Code, Hotswap, same_but_code, sources_of
from gateleg.local.passes.known_types import KNOWN_TYPES
from gateleg.local.state import State, StateDirectory
from gateleg.local.template import Target, references
from gateleg.local.watched_files import WatchedFiles, project_files

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]


STATE = State(pid=12, born=1.5, port=2, secret="s" * 40, auth=False, endpoints=[{"kind": "rest"}])


class TestState:
    def test_it_is_read_as_it_was_written_and_by_its_owner_alone(self, tmp_path: Path) -> None:
        directory = StateDirectory(tmp_path / "local")
        directory.make()
        directory.write(STATE)
        assert directory.read() == STATE
        assert (directory.path / "state.json").stat().st_mode & 0o077 == 0
        directory.forget()
        assert (directory.read(), directory.last_port) == (None, 2)

    @pytest.mark.parametrize(
        "content", [b"", b'{"pid": 1', b"{}", b"[1, 2]", b"null", b"garbage", b"\xff\xfe\x00", b'{"pid": 12, "port": 4}', b"[" * 100_000]
    )
    def test_a_broken_file_is_no_state(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "state.json").write_bytes(content)
        assert StateDirectory(tmp_path).read() is None

    @pytest.mark.parametrize(
        ("name", "value"), [("pid", "12"), ("pid", 0), ("pid", 1), ("pid", -5), ("pid", None), ("port", "x"), ("secret", 3), ("pid", True)]
    )
    def test_a_state_with_a_value_that_no_state_has_is_none(self, tmp_path: Path, name: str, value: object) -> None:
        (tmp_path / "state.json").write_text(json.dumps({**vars(STATE), name: value}), encoding="utf-8")
        assert StateDirectory(tmp_path).read() is None

    def test_a_file_of_a_later_release_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "state.json").write_text(json.dumps({**vars(STATE), "colour": "red"}), encoding="utf-8")
        assert StateDirectory(tmp_path).read() == STATE

    @pytest.mark.parametrize("content", ["", "x", "-"])
    def test_a_broken_port_is_no_port(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "port").write_text(content, encoding="ascii")
        assert StateDirectory(tmp_path).last_port is None

    def test_a_directory_that_cannot_be_made_is_one_clear_line(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(LocalError, match=r"cannot write .*file.*: not a directory; make room or mend it") as told:
            StateDirectory(tmp_path / "file" / "local").make()
        assert told.value.code == "local.disk"

    def test_only_one_may_hold_it(self, tmp_path: Path) -> None:
        directory = StateDirectory(tmp_path / "local")
        with directory.locked(), pytest.raises(LocalError, match="another gateleg command is at work"), directory.locked():
            raise AssertionError("held twice")
        with directory.locked():
            assert (directory.path / ".gitignore").read_text(encoding="utf-8") == "*\n"


class TestEndpoints:
    API: ClassVar[Json] = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"paths": {"/docs": {"get": {}}}}}}

    def found(self, tmp_path: Path, template: Json, **outputs: str) -> list[tuple[str, str]]:
        (tmp_path / "T.json").write_text(json.dumps(template), encoding="utf-8")
        stack = Stack("S", tmp_path, {"templateFile": "T.json"})
        return [(endpoint.kind, endpoint.url) for endpoint in endpoints([stack], {"S": outputs})]

    def test_rest_comes_before_websocket_before_documentation(self, tmp_path: Path) -> None:
        template = {"Resources": {"Api": self.API}, "Outputs": {"A": {"Value": {"Ref": "Ws"}}, "B": {"Value": {"Ref": "Api"}}}}
        ws, rest = "ws://127.0.0.1:1/_aws/execute-api/w/live", "http://127.0.0.1:1/_aws/execute-api/a/prod/"
        assert self.found(tmp_path, template, A=ws, B=rest) == [("rest", rest), ("websocket", ws), ("docs", rest + "docs")]

    def test_an_http_api_is_one_and_has_its_documentation(self, tmp_path: Path) -> None:
        api = {**self.API, "Type": "AWS::ApiGatewayV2::Api"}
        template = {
            "Resources": {"Api": api, "Rest": self.API},
            "Outputs": {name: {"Value": {"Ref": api}} for name, api in (("A", "Api"), ("B", "Rest"))},
        }
        http, rest = "http://127.0.0.1:1/_aws/execute-api/a/", "http://127.0.0.1:1/_aws/execute-api/b/prod/"
        assert self.found(tmp_path, template, A=http, B=rest) == [
            ("rest", rest),
            ("http", http),
            ("docs", http + "docs"),
            ("docs", rest + "docs"),
        ]

    def test_what_is_opened_is_the_root_of_the_api_or_its_documentation_where_it_has_none(self, tmp_path: Path) -> None:
        rooted: Json = {**self.API, "Properties": {"Body": {"paths": {"/": {"get": {}}, "/docs": {"get": {}}}}}}
        bare: Json = {**self.API, "Properties": {"Body": {"paths": {"/posts": {"post": {}}}}}}
        url = "http://127.0.0.1:1/_aws/execute-api/a/prod/"
        for api, opened in ((rooted, url), (self.API, url + "docs"), (bare, url)):
            template: Json = {"Resources": {"Api": api}, "Outputs": {"B": {"Value": {"Ref": "Api"}}}}
            (tmp_path / "T.json").write_text(json.dumps(template), encoding="utf-8")
            found = to_open(endpoints([Stack("S", tmp_path, {"templateFile": "T.json"})], {"S": {"B": url}}))
            assert found is not None
            assert found.url == opened
        assert to_open([Endpoint("websocket", "S.Ws", "ws://c")]) is None

    def test_those_of_one_kind_are_told_by_their_outputs(self) -> None:
        shop, admin, socket = (
            Endpoint("rest", "S.Shop", "http://a"),
            Endpoint("rest", "S.Admin", "http://b"),
            Endpoint("websocket", "S.Ws", "ws://c"),
        )
        assert list(lines([shop, socket])) == ["rest       http://a", "websocket  ws://c"]
        assert list(lines([shop, admin, socket])) == ["rest       http://a  S.Shop", "rest       http://b  S.Admin", "websocket  ws://c"]

    def test_one_url_in_two_outputs_is_one_endpoint(self, tmp_path: Path) -> None:
        template = {"Resources": {}, "Outputs": {"A": {"Value": ""}, "B": {"Value": ""}, "C": {"Value": ""}}}
        url = "http://127.0.0.1:1/_aws/execute-api/a/prod/"
        assert self.found(tmp_path, template, A=url, B=url, C="arn:x/_aws/execute-api/") == [("rest", url)]

    def test_callback_urls_and_urls_without_a_stage_are_nothing_to_open(self, tmp_path: Path) -> None:
        socket = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}
        outputs = {name: {"Value": {"Ref": "Ws"}} for name in "ABC"}
        bare = "ws://127.0.0.1:1/_aws/execute-api/w"
        found = self.found(
            tmp_path, {"Resources": {"Ws": socket}, "Outputs": outputs}, A=bare, B=bare.replace("ws:", "http:") + "/live", C=bare + "/live"
        )
        assert found == [("websocket", bare + "/live")]

    def test_methods_beside_the_body_can_route_the_documentation(self, tmp_path: Path) -> None:
        properties = {"ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "swagger"}
        resources = {"Api": {"Type": "AWS::ApiGateway::RestApi"}, "R": {"Type": "AWS::ApiGateway::Resource", "Properties": properties}}
        template = {"Resources": resources, "Outputs": {"A": {"Value": {"Fn::Sub": "${Api}"}}}}
        url = "http://127.0.0.1:1/_aws/execute-api/a/prod"
        assert ("docs", url + "/swagger") in self.found(tmp_path, template, A=url)


class TestWatchedFiles:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        for name in (
            "app.py",
            "lambdas/a.py",
            "README.md",
            "tests/t.py",
            "node_modules/x.js",
            ".git/x",
            "lambdas/__pycache__/a.pyc",
            "cdk.out/m",
        ):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    def held(self, root: Path) -> set[str]:
        files = WatchedFiles(root)
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and files.holds(path)}

    def test_tests_documents_and_what_tools_make_are_left_aside(self, root: Path) -> None:
        assert self.held(root) == {"app.py", "lambdas/a.py"}
        assert {path.name for path in project_files(root)} == {"app.py", "a.py", "README.md", "t.py"}

    def test_the_projects_own_globs_decide_where_it_has_some(self, root: Path) -> None:
        watch = {"include": ["**"], "exclude": ["lambdas/**", "**/*.json"]}
        (root / "cdk.json").write_text(json.dumps({"watch": watch}), encoding="utf-8")
        assert self.held(root) == {"app.py", "README.md", "tests/t.py"}

    def test_an_excluded_directory_takes_its_files_along(self, root: Path) -> None:
        (root / "cdk.json").write_text(json.dumps({"watch": {"include": "lambdas", "exclude": ["**/a.*"]}}), encoding="utf-8")
        (root / "lambdas" / "b.py").touch()
        assert self.held(root) == {"lambdas/b.py"}

    def test_what_was_saved_since_a_moment_is_found(self, root: Path) -> None:
        os.utime(root / "app.py", (1_000, 1_000))
        assert [path.name for path in WatchedFiles(root).since(2_000)] == ["a.py"]


class TestCode:
    def test_a_known_file_a_new_one_beside_it_and_no_other_belong_to_it(self, tmp_path: Path) -> None:
        code = Code({"pkg/a.py": b""}, {"pkg/a.py": tmp_path / "src" / "pkg" / "a.py"})
        assert code.member_of(tmp_path / "src" / "pkg" / "a.py") == "pkg/a.py"
        assert code.member_of(tmp_path / "src" / "pkg" / "b.py") == "pkg/b.py"
        assert code.member_of(tmp_path / "src" / "a.py") is None

    def test_its_archive_holds_its_members(self) -> None:
        with zipfile.ZipFile(io.BytesIO(Code({"a/b.py": b"x", "c": b""}).archive())) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == {"a/b.py": b"x", "c": b""}

    def test_templates_that_differ_in_live_code_only_are_the_same(self) -> None:
        def template(key: str, memory: int = 1) -> Json:
            code = {"S3Bucket": "b", "S3Key": key}
            fn = {"Type": "F", "Metadata": {"aws:asset:path": key}, "Properties": {"Code": code, "MemorySize": memory}}
            return {"Resources": {"Fn": fn}}

        assert same_but_code(template("old"), template("new"), ["Fn"])
        assert not same_but_code(template("old"), template("new"), [])
        assert not same_but_code(template("old"), template("new", memory=2), ["Fn"])


@pytest.mark.slow
class TestHotswap:
    FUNCTION: ClassVar[Json] = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": "b", "S3Key": "code.zip"}}}

    def made(self, root: Path, **more: Json) -> Hotswap:
        """Of a stack with the functions `Latest` and `Pinned`, which run the same code, and more resources."""
        (root / "code").mkdir(parents=True)
        (root / "code" / "handler.py").touch()
        file = {"source": {"path": "code", "packaging": "zip"}, "destinations": {"d": {"bucketName": "b", "objectKey": "code.zip"}}}
        artifacts = {
            "S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}},
            "S.assets": {"type": "cdk:asset-manifest", "properties": {"file": "S.assets.json"}},
        }
        template = {"Resources": {"Latest": self.FUNCTION, "Pinned": self.FUNCTION, **more}}
        for name, content in (("manifest", {"artifacts": artifacts}), ("S.assets", {"files": {"h": file}}), ("S.template", template)):
            (root / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        return Hotswap(Assembly(root), root, Target(port=9), made_at=0)

    def live(self, tmp_path: Path, **more: Json) -> set[str]:
        return set(self.made(tmp_path / "after", **more).shared_with(self.made(tmp_path / "before", **more), "S"))

    def test_functions_that_are_called_as_their_latest_version_are_live(self, tmp_path: Path) -> None:
        assert self.live(tmp_path) == {"Latest", "Pinned"}

    @pytest.mark.parametrize("kind", ["Version", "Alias"])
    def test_a_function_with_a_version_or_an_alias_is_left_to_the_deploy(self, tmp_path: Path, kind: str) -> None:
        pinning = {"Type": f"AWS::Lambda::{kind}", "Properties": {"FunctionName": {"Ref": "Pinned"}}}
        assert self.live(tmp_path, Pin=pinning) == {"Latest"}


class TestSources:
    NOW: Final = 1_000.0

    def project(self, root: Path, files: dict[str, str], *, edited: Sequence[str] = ()) -> Path:
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content, encoding="utf-8")
            moment = self.NOW + (1 if name in edited else -1)
            os.utime(root / name, (moment, moment))
        return root

    def sources(self, root: Path, **members: str) -> dict[str, str]:
        found = sources_of({f"{name}.py": content.encode() for name, content in members.items()}, root, self.NOW)
        return {member: path.relative_to(root).as_posix() for member, path in found.items()}

    @pytest.mark.parametrize("edited", ["a/index.py", "b/index.py", "c/index.py"])
    def test_an_edited_file_of_the_same_name_is_of_another_function(self, tmp_path: Path, edited: str) -> None:
        files = {f"{name}/index.py": "new" if f"{name}/index.py" == edited else name for name in "abc"}
        root = self.project(tmp_path, files, edited=[edited])
        other = next(name for name in "abc" if f"{name}/index.py" != edited)
        assert self.sources(root, index=other) == {"index.py": f"{other}/index.py"}

    def test_what_is_beside_it_tells_whose_an_edited_file_is(self, tmp_path: Path) -> None:
        files = {"a/index.py": "1", "a/words.py": "words", "b/index.py": "2", "b/words.py": "others"}
        root = self.project(tmp_path, files, edited=["a/index.py", "b/index.py"])
        assert self.sources(root, index="old", words="others") == {"index.py": "b/index.py", "words.py": "b/words.py"}

    def test_what_may_be_of_either_is_of_neither(self, tmp_path: Path) -> None:
        root = self.project(tmp_path, {"a/index.py": "same", "b/index.py": "same"})
        assert self.sources(root, index="same") == {}
        edited = self.project(tmp_path, {"a/index.py": "1", "b/index.py": "2"}, edited=["a/index.py", "b/index.py"])
        assert self.sources(edited, index="old") == {}


class TestCdkCli:
    def test_a_missing_cli_names_the_command_that_installs_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", "")
        with pytest.raises(ToolMissingError, match=r"npm install aws-cdk@2\.\d+\.\d+"):
            CdkCli(tmp_path, tmp_path)

    def test_the_mis_tagged_release_is_refused(self, tmp_path: Path) -> None:
        package = tmp_path / "node_modules" / "aws-cdk"
        (package / "bin").mkdir(parents=True)
        (package / "package.json").write_text('{"version": "3.0.0"}', encoding="utf-8")
        (package / "bin" / "cdk").touch(mode=0o755)
        (tmp_path / "node_modules" / ".bin").mkdir()
        (tmp_path / "node_modules" / ".bin" / "cdk").symlink_to(package / "bin" / "cdk")
        with pytest.raises(ToolMissingError, match=r"CDK CLI 3\.0\.0 cannot read"):
            CdkCli(tmp_path, tmp_path)

    def test_credentials_are_the_accounts_root_and_point_nowhere_else(self) -> None:
        given = credentials(Target(port=9, account="123456789012", region="eu-west-1"))
        assert (given["AWS_ACCESS_KEY_ID"], given["AWS_REGION"]) == ("123456789012", "eu-west-1")
        assert given["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("https://abc.execute-api.localhost/live/@connections/x", "http://here:1/_aws/execute-api/abc/live/@connections/x"),
        ("http://abc.execute-api.localhost:4566/live", "http://here:1/_aws/execute-api/abc/live"),
        ("https://abc.execute-api.us-east-1.amazonaws.com/live", "https://abc.execute-api.us-east-1.amazonaws.com/live"),
    ],
)
def test_a_client_of_the_events_own_domain_is_sent_to_the_emulator(url: str, local: str) -> None:
    script = f"import management_url; print(management_url.local_url({url!r}, 'http://here:1'))"
    runtime = str(Path(emulator.__file__).parent / "runtime")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": runtime})
    assert done.stdout.strip() == local


def test_references_are_found_in_every_form() -> None:
    node = {
        "a": [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Fn::GetAtt": "C.Arn"}],
        "b": {"Fn::Sub": ["${D}${E.Arn}${!F}", {"D": {"Ref": "G"}}]},
    }
    assert set(references(node)) == {"A", "B", "C", "D", "E", "G"}


def test_a_port_in_use_is_refused() -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTakenError, match="choose another with --port"):
            emulator.require_free(other.getsockname()[1])


def test_a_port_of_ones_own_is_given_to_no_connection_meanwhile() -> None:
    port = emulator.free_port()
    emulator.require_free(port)
    assert port < 32_768  # https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range; 49152 by RFC 6335


@pytest.mark.slow
def test_the_known_types_are_those_of_the_installed_emulator() -> None:
    script = (
        "from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as known\n"
        "print('\\n'.join(name for name in known if name.startswith('AWS::')))"
    )
    listed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert set(listed) == KNOWN_TYPES
