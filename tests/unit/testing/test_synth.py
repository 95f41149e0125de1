import functools
import json
from pathlib import Path
from typing import cast

import pytest
from aws_cdk import (
    Acknowledgment,
    Annotations,
    App,
    CfnResource,
    IPolicyValidationPlugin,
    NestedStack,
    Stack,
    Stage,
    Validations,
    aws_apigateway,
    aws_s3,
    aws_s3_assets,
    aws_sns,
)
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from gateleg.errors import TemplateMismatchError
from gateleg.testing import Synth, SynthSettings, TemplateView

pytestmark = pytest.mark.slow

TOPIC = "AWS::SNS::Topic"


class Topics(Stack):
    """Counts how often it is made."""

    made = 0

    def __init__(self, app: App | Stage, construct_id: str = "Topics", *, names: tuple[str, ...] = ("News",)) -> None:
        super().__init__(app, construct_id)
        type(self).made += 1
        for name in names:
            aws_sns.Topic(self, name)


@pytest.fixture
def synth(tmp_path: Path) -> Synth:
    Topics.made = 0
    return Synth(SynthSettings(output=tmp_path))


def test_a_factory_is_synthesized_once(synth: Synth) -> None:
    def topics() -> TemplateView:
        return synth(lambda app: Topics(app))  # noqa: PLW0108  # a new lambda on each call is the point

    assert topics() is topics()
    assert synth(Topics) is synth(Topics)
    assert synth(functools.partial(Topics, names=("A",))) is synth(functools.partial(Topics, names=("A",)))
    assert Topics.made == 3


def test_other_values_in_a_factory_make_another_template(synth: Synth) -> None:
    def topics(*names: str) -> TemplateView:
        return synth(lambda app: Topics(app, names=names))

    assert topics("A").count(TOPIC) == 1
    assert topics("A", "B").count(TOPIC) == 2
    assert topics("A").count(TOPIC) == 1
    assert Topics.made == 2


def test_values_that_can_change_in_place_are_never_taken_as_unchanged(synth: Synth) -> None:
    names = ["A"]

    def make(app: App) -> Stack:
        return Topics(app, names=tuple(names))

    assert synth(make).count(TOPIC) == 1
    names.append("B")
    assert synth(make).count(TOPIC) == 2


def test_other_context_makes_another_template(synth: Synth) -> None:
    def make(app: App) -> Stack:
        return Topics(app, names=(app.node.try_get_context("name") or "News",))

    assert synth(make).resource("News").type == TOPIC
    assert synth(make, context={"name": "Sport"}).resource("Sport").type == TOPIC


def test_the_project_s_context_and_lookups_are_read_and_the_settings_win(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"app": "x", "context": {"a": "project", "b": "project"}}), encoding="utf-8")
    (tmp_path / "cdk.context.json").write_text(json.dumps({"looked-up": "zone"}), encoding="utf-8")
    seen: dict[str, object] = {}

    def make(app: App) -> Stack:
        seen.update({key: app.node.try_get_context(key) for key in ("a", "b", "looked-up", "aws:cdk:bundling-stacks")})
        return Topics(app)

    Synth(SynthSettings(project=tmp_path, context={"b": "settings"}))(make)
    assert seen == {"a": "project", "b": "settings", "looked-up": "zone", "aws:cdk:bundling-stacks": []}
    Synth(SynthSettings(project=tmp_path))(make, bundling=True, context={"a": "call"})
    assert (seen["a"], seen["aws:cdk:bundling-stacks"]) == ("call", None)


def test_the_returned_stack_is_meant_where_there_are_several(synth: Synth) -> None:
    def make(app: App) -> Stack:
        Topics(app, "First", names=("A",))
        return Topics(app, "Second", names=("B",))

    assert synth(make).name == "Second"
    assert synth.assembly(make).stacks == ("First", "Second")
    assert synth.assembly(make).stack("First").resource("A").type == TOPIC


def test_several_stacks_and_none_returned_is_an_error_that_lists_them(synth: Synth) -> None:
    def make(app: App) -> None:
        Topics(app, "First")
        Topics(app, "Second")

    with pytest.raises(TemplateMismatchError, match=r"several stacks: First, Second"):
        synth(make)
    with pytest.raises(TemplateMismatchError, match=r"no stack 'Third'.*First, Second"):
        synth.assembly(make).stack("Third")


def test_stages_and_nested_stacks_are_found_by_path(synth: Synth) -> None:
    def make(app: App) -> Stage:
        stage = Stage(app, "Prod")
        stack = Topics(stage, "Api")
        aws_sns.Topic(NestedStack(stack, "Inner"), "Deep")
        Topics(app, "Api")
        return stage

    assembly = synth.assembly(make)
    assert set(assembly.stacks) == {"Prod/Api", "Prod/Api/Inner", "Api"}
    assert assembly.stack("Prod/Api").stack_name == "Prod-Api"
    assert assembly.stack("Prod-Api") is assembly.stack("Prod/Api")
    assert assembly.stack("Inner").resource("Deep").path == "Prod/Api/Inner/Deep"
    assert "Deep" not in json.dumps(dict(assembly.stack("Prod/Api").paths))
    with pytest.raises(TemplateMismatchError, match="no resource 'Deep'"):
        assembly.stack("Prod/Api").resource("Deep")


def test_a_stage_with_one_stack_is_that_stack(synth: Synth) -> None:
    def make(app: App) -> Stage:
        Topics(app, "Other")
        stage = Stage(app, "Prod")
        Topics(stage, "Api")
        return stage

    assert synth(make).name == "Prod/Api"


def test_an_empty_stack_is_an_error(synth: Synth) -> None:
    with pytest.raises(TemplateMismatchError, match="no stack with resources"):
        synth(lambda app: Stack(app, "Empty"))


def test_what_a_construct_reports_as_an_error_fails_as_it_would_under_the_cli(synth: Synth) -> None:
    def make(app: App) -> Stack:
        stack = Topics(app)
        Annotations.of(stack).add_error("the topic needs a key")
        return stack

    with pytest.raises(TemplateMismatchError, match="Topics: the topic needs a key"):
        synth(make)


def test_warnings_are_kept_for_who_asks(synth: Synth) -> None:
    def make(app: App) -> Stack:
        stack = Topics(app)
        Annotations.of(stack).add_warning("mind the gap")
        return stack

    assert [(note.level, note.path, note.message) for note in synth.assembly(make).annotations] == [("warning", "Topics", "mind the gap")]


def test_the_validator_is_off_until_asked_for(synth: Synth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")

    def make(app: App) -> Stack:
        stack = Stack(app, "Broken")
        CfnResource(stack, "Handler", type="AWS::Lambda::Function", properties={"Handlr": "x"})
        return stack

    assert synth(make).count("AWS::Lambda::Function") == 1
    with pytest.raises(TemplateMismatchError, match=r"(?s)F3002 at Broken/Handler: Handlr.*Did you mean 'Handler'.*'Role' is a required"):
        synth(make, validated=True)


def test_a_valid_stack_passes_the_validator(synth: Synth) -> None:
    assert synth(Topics, validated=True).count(TOPIC) == 1
    assert synth(Topics) is synth(Topics, validated=True), "what was validated need not be synthesized again"


def bucket(app: App) -> Stack:
    stack = Stack(app, "Files")
    first, second = aws_s3.Bucket(stack, "First"), aws_s3.Bucket(stack, "Second")
    for found in (first, second):
        Validations.of(found).acknowledge(Acknowledgment(id="AwsSolutions-S1", reason="no access log is kept"))
    Validations.of(first).acknowledge(Acknowledgment(id="AwsSolutions-S10", reason="served to a legacy client"))
    return stack


def test_findings_are_what_nothing_acknowledges(synth: Synth) -> None:
    found = synth.findings(bucket, lambda app: [plugin(AwsSolutionsChecks(app)), plugin(ServerlessChecks(app))])
    assert [(one.plugin, one.rule, one.path, one.is_error) for one in found] == [
        ("AwsSolutions", "AwsSolutions-S10", "Files/Second/Resource", True)
    ]


def test_findings_without_a_plugin_are_refused(synth: Synth) -> None:
    with pytest.raises(TemplateMismatchError, match="no validation plugin was given"):
        synth.findings(bucket, lambda _: [])


def test_findings_of_an_app_without_a_stack_are_refused(synth: Synth) -> None:
    with pytest.raises(TemplateMismatchError, match="has no stack with resources"):
        synth.findings(lambda _: None, lambda app: [plugin(AwsSolutionsChecks(app))])


def test_a_body_in_an_asset_is_read(synth: Synth, tmp_path: Path) -> None:
    body = tmp_path / "api.json"
    body.write_text(json.dumps({"openapi": "3.0.1", "info": {}, "paths": {"/a": {"get": {"security": []}}}}), encoding="utf-8")

    def make(app: App) -> Stack:
        stack = Stack(app, "Api")
        asset = aws_s3_assets.Asset(stack, "Body", path=str(body))
        aws_apigateway.SpecRestApi(
            stack, "Rest", api_definition=aws_apigateway.ApiDefinition.from_bucket(asset.bucket, asset.s3_object_key)
        )
        return stack

    assert [route.key for route in synth(make).routes()] == ["GET /a"]


def test_a_template_file_of_an_assembly_is_read_with_its_paths(synth: Synth) -> None:
    directory = synth.assembly(Topics).directory
    assert TemplateView.from_file(directory / "Topics.template.json").resource("News").path == "Topics/News"
    with pytest.raises(TemplateMismatchError, match=r"no template file 'Topic.template.json', did you mean 'Topics.template.json'"):
        TemplateView.from_file(directory / "Topic.template.json")


def plugin(checks: object) -> IPolicyValidationPlugin:
    """cdk-nag has no types of its own."""
    return cast("IPolicyValidationPlugin", checks)
