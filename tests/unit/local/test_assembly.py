"""Reading a cloud assembly, and its adapted copy."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import LocalError
from gateleg.local.assembly import Assembly, adapted_copy
from gateleg.local.template import Target

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]
TARGET = Target(port=4600, account="111111111111", region="eu-west-1")
DESTINATION = {"bucketName": "assets", "assumeRoleArn": "arn:publish", "assumeRoleExternalId": "x"}


def write(path: Path, content: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def stack_artifact(name: str, key: str, environment: str, **more: str) -> Json:
    properties = {
        "templateFile": f"{name}.template.json",
        "assumeRoleArn": "arn:deploy",
        "cloudFormationExecutionRoleArn": "arn:exec",
        "lookupRole": {"arn": "arn:lookup"},
        "requiresBootstrapStackVersion": 6,
        "bootstrapStackVersionSsmParameter": "/x",
        "stackTemplateAssetObjectUrl": f"s3://assets/{key}.json",
        **more,
    }
    return {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}


def write_assembly(root: Path, *, environment: str = "aws://unknown-account/unknown-region") -> Assembly:
    """An assembly with a directory asset, a stack that nests another, and a nested assembly with a stack of its own."""
    nested_text = json.dumps({"Parameters": {"BootstrapVersion": {}}, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    nested = sha256(nested_text.encode()).hexdigest()
    template = {
        "Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"https://s3/assets/{nested}.json"}}},
        "Outputs": {"Url": {"Value": "https://abc.execute-api.us-east-1.amazonaws.com/prod/"}},
    }
    write(root / "A.template.json", template)
    (root / "Nested.nested.template.json").write_text(nested_text, encoding="utf-8")
    (root / "asset.code").mkdir()
    (root / "asset.code" / "handler.py").write_text("pass\n", encoding="utf-8")
    files = {
        "code": {"source": {"path": "asset.code", "packaging": "zip"}, "destinations": {"d": {**DESTINATION, "objectKey": "code.zip"}}},
        nested: {
            "source": {"path": "Nested.nested.template.json", "packaging": "file"},
            "destinations": {"d": {**DESTINATION, "objectKey": f"{nested}.json"}},
        },
        "akey": {
            "source": {"path": "A.template.json", "packaging": "file"},
            "destinations": {"d": {**DESTINATION, "objectKey": "akey.json"}},
        },
    }
    write(root / "A.assets.json", {"files": files})
    write(root / "assembly-Prod" / "B.template.json", {"Resources": {"X": {"Type": "AWS::Nowhere::Thing"}}})
    b_stack = stack_artifact("B", "bkey", environment, stackName="Prod-B")
    write(root / "assembly-Prod" / "manifest.json", {"artifacts": {"B": b_stack}})
    artifacts = {
        "A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json", "requiresBootstrapStackVersion": 6}},
        "A": stack_artifact("A", "akey", environment),
        "Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    write(root / "manifest.json", {"artifacts": artifacts})
    write(root / "tree.json", {})
    return Assembly(root)


@pytest.fixture
def source(tmp_path: Path) -> Assembly:
    return write_assembly(tmp_path / "source")


@pytest.fixture
def adapted(source: Assembly, tmp_path: Path) -> Assembly:
    return adapted_copy(source, tmp_path / "adapted", TARGET)


def test_a_directory_without_a_manifest_is_no_assembly(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no cloud assembly in"):
        Assembly(tmp_path)


def test_stacks_of_nested_assemblies_are_found_by_their_names(source: Assembly) -> None:
    assert [stack.name for stack in source.stacks()] == ["A", "Prod-B"]


def test_no_role_and_no_bootstrap_demand_is_left(adapted: Assembly) -> None:
    texts = [path.read_text(encoding="utf-8") for path in adapted.path.rglob("*.json")]
    assert not [text for text in texts if any(word in text for word in ("assumeRole", "arn:", "Bootstrap", "/x"))]


def test_every_stack_goes_to_the_targets_account_and_region(adapted: Assembly) -> None:
    assert adapted.environment() == ("111111111111", "eu-west-1")


def test_templates_are_adapted_and_keyed_by_what_they_hold(adapted: Assembly) -> None:
    assets = {asset.path.name: asset for asset in adapted.file_assets()}
    nested, main = assets["Nested.nested.template.json"], assets["A.template.json"]
    for asset in (nested, main):
        assert asset.key == sha256(asset.path.read_bytes()).hexdigest() + ".json"
    (stack,) = [stack for stack in adapted.stacks() if stack.name == "A"]
    assert stack.properties["stackTemplateAssetObjectUrl"] == f"s3://assets/{main.key}"
    assert stack.template["Resources"]["N"]["Properties"]["TemplateURL"].endswith(nested.key)
    assert stack.template["Outputs"]["Url"]["Value"] == "http://127.0.0.1:4600/_aws/execute-api/abc/prod/"


def test_a_nested_stack_of_a_nested_stack_is_found_under_its_new_key(tmp_path: Path) -> None:
    template = '{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}'
    files: Json = {}
    for name in ("C", "A", "B"):
        (tmp_path / "source").mkdir(exist_ok=True)
        (tmp_path / "source" / f"{name}.nested.template.json").write_text(template, encoding="utf-8")
        key = sha256(template.encode()).hexdigest()
        destinations = {"d": {"bucketName": "assets", "objectKey": f"{key}.json"}}
        files[key] = {"source": {"path": f"{name}.nested.template.json", "packaging": "file"}, "destinations": destinations}
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"https://s3/assets/{key}.json"}}
        template = json.dumps({"Resources": {"N": nested}})
    write(tmp_path / "source" / "S.template.json", json.loads(template))
    write(tmp_path / "source" / "S.assets.json", {"files": files})
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "S.assets.json"}}
    write(tmp_path / "source" / "manifest.json", {"artifacts": {"S": stack_artifact("S", "skey", "aws://1/2"), "S.assets": assets}})
    adapted = adapted_copy(Assembly(tmp_path / "source"), tmp_path / "adapted", TARGET)
    paths = {asset.key: asset.path for asset in adapted.file_assets()}
    found = adapted.stacks()[0].template
    for name in ("B", "A", "C"):
        path = paths[found["Resources"]["N"]["Properties"]["TemplateURL"].removeprefix("https://s3/assets/")]
        assert path.name == f"{name}.nested.template.json"
        found = json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("chosen", "names"),
    [([], ["A", "B", "C"]), (["A"], ["A"]), (["B"], ["A", "B"]), (["c*"], ["A", "B", "C"]), (["A", "C"], ["A", "B", "C"]), (["D"], [])],
)
def test_chosen_stacks_bring_what_they_depend_on(tmp_path: Path, chosen: list[str], names: list[str]) -> None:
    needs = {"A": ["A.assets"], "B": ["B.assets", "A"], "C": ["B"]}
    artifacts = {name: {**stack_artifact(name, name, "aws://1/2"), "dependencies": needs[name]} for name in needs}
    artifacts["C"]["displayName"] = "c of a path"
    write(tmp_path / "manifest.json", {"artifacts": {**artifacts, "A.assets": {"type": "cdk:asset-manifest"}}})
    assert [stack.name for stack in Assembly(tmp_path).stacks(chosen)] == names


def test_assets_are_the_same_files_and_the_source_stays_as_it_was(source: Assembly, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in source.path.rglob("*") if path.is_file()}
    adapted = adapted_copy(source, tmp_path / "adapted", TARGET)
    code = next(asset for asset in adapted.file_assets() if asset.directory)
    assert (code.path / "handler.py").samefile(source.path / "asset.code" / "handler.py")
    assert {path: path.read_bytes() for path in source.path.rglob("*") if path.is_file()} == before


def test_a_second_copy_replaces_the_first_and_keeps_the_zipped_assets_that_are_still_used(source: Assembly, tmp_path: Path) -> None:
    adapted = adapted_copy(source, tmp_path / "adapted", TARGET)
    cache = adapted.path / ".cache"
    cache.mkdir()
    for name in ("code.zip", "gone.zip"):
        (cache / name).touch()
    (adapted.path / "stale.template.json").touch()
    adapted_copy(source, tmp_path / "adapted", TARGET)
    assert [path.name for path in cache.iterdir()] == ["code.zip"]
    assert not (adapted.path / "stale.template.json").exists()


def test_the_stacks_that_were_chosen_are_found_by_name_or_pattern(source: Assembly) -> None:
    names = [stack.name for stack in source.stacks()]
    assert [stack.name for stack in source.stacks([names[0]])] == names[:1]
    assert source.stacks(["none*"]) == []


def test_warnings_of_constructs_are_told_once_with_their_paths(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "one")
    manifest = json.loads((assembly.path / "manifest.json").read_text(encoding="utf-8"))
    entries = [{"type": kind, "data": f"{kind} said"} for kind in ("aws:cdk:warning", "aws:cdk:info", "aws:cdk:warning")]
    manifest["artifacts"]["A"]["metadata"] = {"/A/Table": entries}
    write(assembly.path / "manifest.json", manifest)
    assert assembly.warnings() == ["/A/Table: aws:cdk:warning said"]


def test_what_is_left_out_is_named(source: Assembly) -> None:
    assert source.left_out() == ["AWS::Nowhere::Thing (X)"]


def test_stacks_of_several_environments_are_refused(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "one", environment="aws://111111111111/eu-west-1")
    manifest = json.loads((assembly.path / "manifest.json").read_text(encoding="utf-8"))
    manifest["artifacts"]["A"]["environment"] = "aws://222222222222/eu-west-1"
    write(assembly.path / "manifest.json", manifest)
    with pytest.raises(LocalError, match="several environments"):
        assembly.environment()
    assert assembly.environment(["Prod*"]) == ("111111111111", "eu-west-1")
