import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, aws_sns
from aws_cdk.assertions import Template

from gateleg.errors import GatelegError, TemplateMismatchError
from gateleg.testing import TemplateView

from .conftest import Mutated

FUNCTION = "AWS::Lambda::Function"


@pytest.mark.parametrize("name", ["notes-reader", "reader.handler", "Reader", "Notes/Reader", "Notes/Reader/Resource"])
def test_a_function_is_found_by_service_handler_and_construct_path(notes: TemplateView, name: str) -> None:
    assert notes.function(name).path == "Notes/Reader"


def test_a_function_is_found_by_logical_id(notes: TemplateView) -> None:
    reader = notes.function("notes-reader")
    assert notes.function(reader.logical_id) == reader


def tell_apps(resources: dict[str, Any], reader: str, writer: str) -> None:
    """As gateleg's constructs write it: the reader's app is not what Lambda calls, and the writer's handler is named like it."""
    resources[reader]["Metadata"] = {"gateleg:app": "notes.reader:app"}
    resources[writer]["Metadata"] = {"gateleg:app": "notes.writer:app"}
    resources[reader]["Properties"]["Handler"] = "notes.writer.handler"


def test_a_function_is_found_by_the_app_that_its_gateway_was_given(mutated: Mutated, notes: TemplateView) -> None:
    reader, writer = (notes.function(f"notes-{name}").logical_id for name in ("reader", "writer"))
    view = mutated(lambda resources: tell_apps(resources, reader, writer))
    assert [view.function(f"notes.{name}:app").logical_id for name in ("reader", "writer")] == [reader, writer]
    assert view.function("notes.reader:app").app == "notes.reader:app"
    assert notes.function("notes-reader").app is None
    with pytest.raises(TemplateMismatchError, match=rf"did you mean.*notes-reader \({reader}, app notes.reader:app, handler notes"):
        view.function("notes.readr:app")


def test_a_handler_is_named_as_constructs_or_as_lambda_write_it(mutated: Mutated, notes: TemplateView) -> None:
    assert notes.function("reader:handler") == notes.function("reader.handler") == notes.function("notes-reader")
    reader, writer = (notes.function(f"notes-{name}").logical_id for name in ("reader", "writer"))

    def same(resources: dict[str, Any]) -> None:
        resources[reader]["Metadata"] = {"gateleg:app": "writer:handler"}

    with pytest.raises(TemplateMismatchError, match="several functions 'writer:handler'") as caught:
        mutated(same).function("writer:handler")
    assert reader in str(caught.value)
    assert writer in str(caught.value)


@pytest.mark.parametrize("name", ["notes", "Table", "Notes/Table"])
def test_a_table_is_found_by_declared_name_and_construct_path(notes: TemplateView, name: str) -> None:
    assert notes.table(name).type == "AWS::DynamoDB::GlobalTable"


def test_a_table_shows_its_keys_and_indexes(notes: TemplateView) -> None:
    table = notes.table("notes")
    assert table.key_schema == {"HASH": "pk", "RANGE": "sk"}
    assert table.attribute_types == {"pk": "S", "sk": "N", "by_author_pk": "S", "by_day_pk": "S"}
    assert table.indexes == ("by_author", "by_day")
    assert table.index("by_author").key_schema == {"HASH": "by_author_pk"}
    assert table.index("by_author").projection == "ALL"


QUESTIONS: list[tuple[Callable[[TemplateView], object], str]] = [
    (lambda view: view.function("note-reader"), r"no function 'note-reader', did you mean 'notes-reader'\?.*notes-writer \(Writer"),
    (lambda view: view.table("Tabel"), r"no table 'Tabel'.*Notes/Table"),
    (lambda view: view.table("notes").index("by_autor"), r"no index 'by_autor', did you mean 'by_author'"),
    (lambda view: view.resource("Nothing"), "no resource 'Nothing'"),
    (lambda view: view.resources("AWS::Lamda::Function"), "did you mean 'AWS::Lambda::Function'"),
    (lambda view: view.only("AWS::S3::Bucket"), "no resource of type 'AWS::S3::Bucket'"),
    (lambda view: view.only(FUNCTION), "several resources 'AWS::Lambda::Function'.*Notes/Reader.*Notes/Writer"),
    (lambda view: view.count("AWS::Lamda::Function"), "'AWS::Lamda::Function' is not a type"),
    (lambda view: view.count("AWS::DynamoDB::GlobalTab"), "'AWS::DynamoDB::GlobalTab' is not a type"),
    (lambda view: view.count("Lambda"), "'Lambda' is not a type"),
    (lambda view: view.route("GET /note/{note}"), r"no route 'GET /note/\{note\}', did you mean 'GET /notes/\{note\}'"),
    (lambda view: view.websocket_route("sent"), "no route 'sent', did you mean 'send'"),
    (lambda view: view.routes("Socket"), "no REST or HTTP route 'Socket'"),
    (lambda view: view.routes("Nothing"), "no API 'Nothing'"),
    (lambda view: view.authorizer("who"), "no authorizer 'who', did you mean 'Who'"),
    (lambda view: view.output("Link"), "no output 'Link'.*Url"),
    (lambda view: view.table("notes").property("BillingMod"), "no property 'BillingMod'; there is: .*BillingMode"),
    (lambda view: view.table("notes").property("Replicas.7"), r"no property '7' below 'Replicas'; there is: a list of 1"),
]


NAMED: list[Callable[[TemplateView, Any], object]] = [
    TemplateView.function,
    TemplateView.table,
    TemplateView.resource,
    TemplateView.only,
    TemplateView.route,
    TemplateView.websocket_route,
    TemplateView.authorizer,
    TemplateView.output,
    lambda view, name: view.table("notes").index(name),
    lambda view, name: view.table("notes").property(name),
]
ALL_BY_DEFAULT: list[Callable[[TemplateView, Any], object]] = [TemplateView.resources, TemplateView.count, TemplateView.routes]


@pytest.mark.parametrize(("ask", "name"), [*product(NAMED, [3, None]), *product(ALL_BY_DEFAULT, [3])])
def test_a_name_that_is_no_text_names_nothing(notes: TemplateView, ask: Callable[[TemplateView, Any], object], name: object) -> None:
    with pytest.raises(TemplateMismatchError, match=str(name)):
        ask(notes, name)


@pytest.mark.parametrize(("ask", "says"), QUESTIONS)
def test_a_question_about_what_is_not_there_fails_and_lists_what_is(
    notes: TemplateView, ask: Callable[[TemplateView], object], says: str
) -> None:
    with pytest.raises(TemplateMismatchError, match=says) as caught:
        ask(notes)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, GatelegError)


def test_two_functions_of_one_service_are_told_apart_only_by_id(mutated: Mutated, notes: TemplateView) -> None:
    writer = notes.function("notes-writer").logical_id

    def same_service(resources: dict[str, Any]) -> None:
        resources[writer]["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] = "notes-reader"

    view = mutated(same_service)
    with pytest.raises(TemplateMismatchError, match="several functions 'notes-reader'"):
        view.function("notes-reader")
    assert view.function("Writer").logical_id == writer


def test_counts_are_of_the_type_alone(notes: TemplateView) -> None:
    assert notes.count(FUNCTION) == 2
    assert notes.count("AWS::DynamoDB::Table") == 0
    assert notes.count("Custom::Anything") == 0
    assert notes.count() == len(notes.json["Resources"])


def test_rest_routes_of_method_resources_tell_path_authorizer_and_function(notes: TemplateView) -> None:
    assert [route.key for route in notes.routes()] == [
        "GET /",
        "OPTIONS /",
        "OPTIONS /notes",
        "GET /notes/{note}",
        "OPTIONS /notes/{note}",
        "PUT /notes/{note}",
    ]
    read = notes.route("GET /notes/{note}")
    assert read.authorizer_type == "TOKEN"
    assert read.authorizer == next(name for name, found in notes.authorizers().items() if found.type == "TOKEN")
    assert read.function == notes.function("notes-reader"), "the route calls it through an alias of a version"
    assert not read.validates_body
    write = notes.route("PUT /notes/{note}")
    assert (write.authorizer, write.authorizer_type, write.api_key) == ("AWS_IAM", "AWS_IAM", True)
    assert (write.validates_body, write.models) == (True, {"application/json": "Note"})
    assert write.function == notes.function("notes-writer")
    assert (notes.route("GET /").authorizer, notes.route("GET /").integration_type) == (None, "MOCK")
    assert notes.route("GET /").function is None


def test_websocket_routes_tell_authorizer_and_function(notes: TemplateView) -> None:
    assert [route.key for route in notes.websocket_routes("Socket")] == ["$connect", "send"]
    connect = notes.websocket_route("$connect")
    assert (connect.authorizer, connect.authorizer_type) == ("Who", "REQUEST")
    assert connect.function == notes.function("notes-writer")
    assert notes.websocket_route("send").authorizer is None


def test_authorizers_tell_type_time_and_function(notes: TemplateView) -> None:
    who = notes.authorizer("Who")
    assert (who.type, who.function) == ("REQUEST", notes.function("notes-reader"))
    token = notes.authorizer(str(notes.route("GET /notes/{note}").authorizer), api="Rest")
    assert (token.ttl, token.function) == (60, notes.function("notes-writer"))
    assert token.identity_sources == ("method.request.header.Authorization",)


def test_a_method_that_loses_its_authorizer_is_seen(notes: TemplateView, mutated: Mutated) -> None:
    method = next(
        found.logical_id
        for found in notes.resources("AWS::ApiGateway::Method")
        if found.definition == notes.route("GET /notes/{note}").definition
    )

    def open_up(resources: dict[str, Any]) -> None:
        properties = resources[method]["Properties"]
        properties["AuthorizationType"] = "NONE"
        del properties["AuthorizerId"]

    assert mutated(open_up).route("GET /notes/{note}").authorizer is None


def test_outputs_and_environment_are_readable_text(notes: TemplateView) -> None:
    api = notes.only("AWS::ApiGateway::RestApi").logical_id
    assert notes.output("Url").startswith(f"https://${{{api}}}.execute-api.${{AWS::Region}}.")
    assert notes.function("notes-reader").environment["GATELEG_TABLE_NOTES"] == f"${{{notes.table('notes').logical_id}}}"


def test_permissions_tell_who_may_call_what_through_an_alias_too(notes: TemplateView) -> None:
    by_rest = [found for found in notes.permissions() if found.source_arn and "/GET/notes/" in found.source_arn]
    assert {found.principal for found in by_rest} == {"apigateway.amazonaws.com"}
    assert {found.function for found in by_rest} == {notes.function("notes-reader")}


BODY: dict[str, Any] = {
    "openapi": "3.0.1",
    "paths": {
        "/rooms/{room}": {
            "parameters": [],
            "get": {
                "security": [{"members": ["rooms.read"]}],
                "x-amazon-apigateway-integration": {
                    "type": "aws_proxy",
                    "uri": {
                        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Rooms.Arn}/invocations"
                    },
                },
            },
            "post": {
                "x-amazon-apigateway-request-validator": "all",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}}},
                "security": [{"sigv4": []}],
            },
            "options": {
                "security": [],
                "x-gateleg-public": "preflights carry no token",
                "x-amazon-apigateway-integration": {"type": "mock"},
            },
        },
        "/{proxy+}": {"x-amazon-apigateway-any-method": {"security": [{"key": []}]}},
    },
    "components": {
        "securitySchemes": {
            "members": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "cognito_user_pools",
                "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [{"Fn::GetAtt": ["Pool", "Arn"]}]},
            },
            "sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
            "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
        }
    },
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
}


def body_template(**api: Any) -> TemplateView:
    return TemplateView.from_json(
        {
            "Resources": {
                "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": api},
                "Rooms": {"Type": FUNCTION, "Properties": {"Handler": "rooms.handler"}},
            }
        }
    )


def test_rest_routes_of_an_openapi_body_tell_the_same() -> None:
    view = body_template(Body=BODY)
    assert [route.key for route in view.routes()] == ["GET /rooms/{room}", "OPTIONS /rooms/{room}", "POST /rooms/{room}", "ANY /{proxy+}"]
    read = view.route("GET /rooms/{room}")
    assert (read.method, read.path) == ("GET", "/rooms/{room}")
    assert (read.authorizer, read.authorizer_type, read.scopes) == ("members", "COGNITO_USER_POOLS", ("rooms.read",))
    assert (read.function, read.integration_type) == (view.function("rooms.handler"), "AWS_PROXY")
    write = view.route("POST /rooms/{room}")
    assert (write.authorizer_type, write.validates_body, write.validates_parameters) == ("AWS_IAM", True, True)
    assert write.models == {"application/json": "Room"}
    assert view.route("OPTIONS /rooms/{room}").authorizer is None
    assert view.route("OPTIONS /rooms/{room}").public_reason == "preflights carry no token"
    assert view.route("ANY /{proxy+}").api_key
    assert view.authorizer("members").providers == ("${Pool.Arn}",)


def test_security_of_the_whole_body_holds_for_an_operation_without_its_own() -> None:
    body: dict[str, Any] = {**BODY, "security": [{"members": []}], "paths": {"/": {"get": {}}, "/open": {"get": {"security": []}}}}
    view = body_template(Body=body)
    assert view.route("GET /").authorizer == "members"
    assert view.route("GET /open").authorizer is None


def test_iam_without_a_scheme_is_an_authorizer() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html."""
    auth = "x-amazon-apigateway-auth"
    body: dict[str, Any] = {auth: {"type": "AWS_IAM"}, "paths": {"/": {"get": {}}, "/open": {"get": {auth: {"type": "NONE"}}}}}
    view = body_template(Body=body)
    assert (view.route("GET /").authorizer_type, view.route("GET /open").is_public) == ("AWS_IAM", True)
    assert not view.route("GET /").is_public


@pytest.mark.parametrize(
    "api", [{"BodyS3Location": {"Bucket": "b", "Key": "k"}}, {"Body": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {}}}}]
)
def test_a_body_that_is_elsewhere_is_said_and_not_taken_as_no_routes(api: dict[str, Any]) -> None:
    with pytest.raises(TemplateMismatchError, match="its routes cannot be told"):
        body_template(**api).routes()


@pytest.mark.slow
def test_views_are_made_of_text_files_and_assertion_templates(tmp_path: Path) -> None:
    app = App()
    stack = Stack(app, "Topics")
    aws_sns.Topic(stack, "News")
    template = Template.from_stack(stack)
    file = tmp_path / "topics.json"
    file.write_text(json.dumps(template.to_json()), encoding="utf-8")
    for view in (
        TemplateView.from_template(template),
        TemplateView.from_file(file),
        TemplateView.from_json(file.read_text(encoding="utf-8")),
        TemplateView.from_stack(stack),
    ):
        assert view.only("AWS::SNS::Topic").logical_id.startswith("News")
    assert TemplateView.from_stack(stack).resource("News").type == "AWS::SNS::Topic"


def test_paths_come_from_the_template_where_it_tells_them() -> None:
    view = TemplateView.from_json({"Resources": {"A1": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "Topics/News/Resource"}}}})
    assert view.resource("News").logical_id == "A1"


@pytest.mark.parametrize("template", [{}, {"Resources": {}}, {"Outputs": {"A": {"Value": "1"}}}])
def test_a_template_without_resources_is_refused(template: dict[str, Any]) -> None:
    with pytest.raises(TemplateMismatchError, match="no resources, so nothing can be asked"):
        TemplateView.from_json(template)
