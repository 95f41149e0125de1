import json
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from aws_cdk import App, NestedStack, Stack, aws_apigateway, aws_lambda
from aws_cdk.assertions import Template

from gateleg.errors import TemplateMismatchError
from gateleg.template.canonical import is_list, is_object
from gateleg.testing import Synth, TemplateView, logical_ids, normalized

from .conftest import Mutated, Notes, plain

pytestmark = pytest.mark.slow  # they synthesize many stacks


class Versioned(Stack):
    """Everything whose template text changes with code: assets, a layer, a version behind an alias, a deployment, an export, a nested stack."""

    def __init__(self, app: App, code: Path, *, memory: int = 128) -> None:
        super().__init__(app, "Versioned")
        layer = aws_lambda.LayerVersion(self, "Layer", code=aws_lambda.Code.from_asset(str(code)))
        self.function = aws_lambda.Function(
            self,
            "Handler",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="reader.handler",
            code=aws_lambda.Code.from_asset(str(code)),
            layers=[layer],
            memory_size=memory,
        )
        inline = aws_lambda.Code.from_inline((code / "reader.py").read_text(encoding="utf-8"))
        aws_lambda.Function(self, "Inline", runtime=aws_lambda.Runtime.PYTHON_3_13, handler="index.handler", code=inline)
        version = self.function.current_version
        aws_lambda.Alias(self, "Live", alias_name="live", version=cast("aws_lambda.IVersion", version))
        api = aws_apigateway.RestApi(self, "Api")
        # The description makes the deployment's hash follow the code, as a body with the code's schemas does.
        api.root.add_resource("a", default_integration=aws_apigateway.LambdaIntegration(plain(self.function))).add_method("GET")
        assert api.latest_deployment is not None
        api.latest_deployment.add_to_logical_id((code / "reader.py").read_text(encoding="utf-8"))
        self.export_value(version.function_arn)
        nested = NestedStack(self, "Nested")
        aws_lambda.Function(
            nested, "Inner", runtime=aws_lambda.Runtime.PYTHON_3_13, handler="index.handler", code=aws_lambda.Code.from_asset(str(code))
        )


def template_of(synth: Synth, folder: Path, text: str, **options: Any) -> TemplateView:
    folder.mkdir(exist_ok=True)
    (folder / "reader.py").write_text(text, encoding="utf-8")
    return synth.assembly(lambda app: Versioned(app, folder, **options), context={"edit": text}).stack("Versioned")


def test_an_edit_of_code_changes_the_template_but_not_its_snapshot(plain_synth: Synth, tmp_path: Path) -> None:
    before = template_of(plain_synth, tmp_path / "code", "x = 1\n")
    after = template_of(plain_synth, tmp_path / "code", "x = 2\n")
    assert before.json != after.json
    ids = {"before": set(before.json["Resources"]), "after": set(after.json["Resources"])}
    assert len(ids["before"] - ids["after"]) == 2, "the ids of the version and of the deployment follow the code"
    assert before.normalized() == after.normalized()
    assert before.logical_ids() == after.logical_ids()


def test_an_edit_of_a_function_s_settings_changes_the_snapshot(plain_synth: Synth, tmp_path: Path) -> None:
    before = template_of(plain_synth, tmp_path / "code", "x = 1\n")
    after = template_of(plain_synth, tmp_path / "code", "x = 1\n", memory=256)
    assert before.normalized() != after.normalized()
    assert before.logical_ids() == after.logical_ids()


@pytest.mark.slow
def test_every_form_of_a_template_is_taken_and_gives_the_same(notes: TemplateView, code: Path) -> None:
    template = Template.from_stack(Notes(App(), "Notes", code=code))
    for take in (normalized, logical_ids):
        assert take(notes) == take(template) == take(template.to_json()) == take(MappingProxyType(dict(notes.json)))
    views = [TemplateView.from_template(form) for form in (notes, template, notes.json)]
    assert [view.function("notes-reader").logical_id for view in views] == [notes.function("notes-reader").logical_id] * 3
    assert views[0].function("Notes/Reader"), "a view of a view knows its paths"
    assert TemplateView.from_json(template.to_json()).json == template.to_json()


NO_TEMPLATE: list[Any] = [3, None, [], "Resources", Path("cdk.out"), {"Resources": ["A"]}, {"Resources": {"A": {}}}, {}]


@pytest.mark.parametrize("given", NO_TEMPLATE)
@pytest.mark.parametrize("take", [normalized, logical_ids, TemplateView.from_json, TemplateView.from_template])
def test_what_is_no_template_is_refused(take: Callable[[Any], object], given: Any) -> None:
    with pytest.raises(TemplateMismatchError, match=r"template\.(form|empty)"):
        take(given)


def test_the_refusal_says_what_makes_a_template(notes: TemplateView, code: Path, tmp_path: Path) -> None:
    stack = Notes(App(), "Notes", code=code)
    with pytest.raises(TemplateMismatchError) as caught:
        logical_ids(cast("Any", stack))
    advice = ("TemplateView.from_stack(stack)", "TemplateView.from_file(path)", "TemplateView.from_json(text)")
    assert all(one in str(caught.value) for one in advice)
    text = json.dumps(dict(notes.json))
    (tmp_path / "template.json").write_text(text, encoding="utf-8")
    made = (TemplateView.from_stack(stack), TemplateView.from_file(tmp_path / "template.json"), TemplateView.from_json(text))
    assert [logical_ids(view) for view in made] == [notes.logical_ids()] * 3


def test_no_hash_is_left_anywhere(plain_synth: Synth, tmp_path: Path) -> None:
    view = template_of(plain_synth, tmp_path / "code", "x = 1\n")
    text = json.dumps(view.normalized())
    hashed = [
        key for key, item in view.json["Resources"].items() if item["Type"] in {"AWS::Lambda::Version", "AWS::ApiGateway::Deployment"}
    ]
    assert len(hashed) == 2
    assert not any(key in text for key in hashed)
    assert "<asset>.zip" in text
    assert "<code>" in text
    assert "x = 1" not in text


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "ApiDeployment1A2B3C4D0123456789abcdef0123456789abcdef"},
        {"Fn::GetAtt": ["ApiDeployment1A2B3C4D0123456789abcdef0123456789abcdef", "DeploymentId"]},
        {"Fn::Sub": "id ${ApiDeployment1A2B3C4D0123456789abcdef0123456789abcdef}"},
        {"Fn::Sub": "id ${ApiDeployment1A2B3C4D0123456789abcdef0123456789abcdef.DeploymentId}"},
        "ExportsOutputRefApiDeployment1A2B3C4D0123456789abcdef0123456789abcdef5E6F7081",
    ],
)
def test_references_to_a_hashed_id_are_masked_wherever_they_stand(reference: object) -> None:
    hashed = "ApiDeployment1A2B3C4D0123456789abcdef0123456789abcdef"
    template: dict[str, Any] = {
        "Resources": {
            hashed: {"Type": "AWS::ApiGateway::Deployment"},
            "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {"X": reference}, "DependsOn": [hashed]},
        }
    }
    masked = normalized(template)
    assert "ApiDeployment1A2B3C4D<hash>" in masked["Resources"]
    assert masked["Resources"]["Stage"]["DependsOn"] == ["ApiDeployment1A2B3C4D<hash>"]
    text = json.dumps(masked)
    assert "0123456789abcdef" not in text
    assert "5E6F7081" not in text
    assert text.count("<hash>") == 3


def test_ids_of_other_types_keep_what_looks_like_a_hash() -> None:
    assert logical_ids({"Resources": {"Queue0123456789abcdef": {"Type": "AWS::SQS::Queue"}}}) == {
        "Queue0123456789abcdef": "AWS::SQS::Queue"
    }


def test_two_versions_of_one_function_stay_two() -> None:
    versions = {f"FnCurrentVersion17A89ABB{digit * 32}": {"Type": "AWS::Lambda::Version"} for digit in "ab"}
    assert len(logical_ids({"Resources": versions})) == 2


def test_what_the_cli_alone_writes_is_left_out_and_paths_can_be_kept() -> None:
    template: dict[str, Any] = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "S/Topic", "aws:asset:path": "asset.1", "mine": 1}},
            "Plain": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "S/Plain"}},
            "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"},
        },
        "Conditions": {"CDKMetadataAvailable": {"Fn::Equals": [1, 2]}},
        "Parameters": {"BootstrapVersion": {"Type": "String"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
    }
    original = deepcopy(template)
    assert normalized(template) == {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Metadata": {"mine": 1}}, "Plain": {"Type": "AWS::SNS::Topic"}}
    }
    assert normalized(template, paths=True)["Resources"]["Plain"]["Metadata"] == {"aws:cdk:path": "S/Plain"}
    assert template == original


def every_leaf(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if is_object(value):
        return [found for key, item in value.items() for found in every_leaf(item, (*path, key))]
    if is_list(value):
        return [found for index, item in enumerate(value) for found in every_leaf(item, (*path, index))]
    return [path]


def test_any_other_edit_of_the_template_is_seen(notes: TemplateView, mutated: Mutated) -> None:
    def edit(resources: dict[str, Any], path: tuple[Any, ...]) -> None:
        holder: Any = resources
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = "changed"

    snapshot = notes.normalized()
    paths = every_leaf(notes.json["Resources"])
    assert len(paths) > 300
    for path in paths[::7]:
        assert mutated(partial(edit, path=path)).normalized() != snapshot, path


def test_a_renamed_construct_changes_the_logical_ids(plain_synth: Synth, notes: TemplateView, code: Path) -> None:
    class Renamed(Notes):
        def __init__(self, app: App) -> None:
            super().__init__(app, "Notes", code=code)
            Stack.of(self).rename_logical_id(self.get_logical_id(self.table.node.default_child), "Tables")  # type: ignore[arg-type]  # the main child is the table's L1

    assert plain_synth(Renamed).logical_ids() != notes.logical_ids()
