"""Requests that cannot be read are the client's fault, and are answered without a word of what is inside."""

from __future__ import annotations

import base64
import json
import logging
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import File, Form, Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AfterValidator, BaseModel, Json

from gateleg.describe.bodies import answers_invalid_itself, body_of
from gateleg.rest import handle_errors
from gateleg.rest.powertools import routes_of

DEEP = '{"name": "a", "x": ' + "[" * 30_000 + "]" * 30_000 + "}"
NO_JSON = {
    "deep": DEEP,
    "deep, closed late": '{"name":' * 900 + "1" + "}" * 900,
    "long integer": '{"name": "a", "x": ' + "1" * 5_000 + "}",
    "NaN": '{"name": "a", "x": NaN}',
    "Infinity": '{"name": "a", "x": -Infinity}',
    "lone surrogate": '{"name": "\\ud800"}',
    "lone surrogate as a key": '{"name": "a", "\\udc00": 1}',
    "raw lone surrogate": '{"name": "\ud800"}',
    "BOM": '\ufeff{"name": "a"}',
    "broken": '{"name": ',
    "words": "hello",
}


class InternalPerson(BaseModel):
    name: str
    extra: Json[int] = 0


class InternalFilter(BaseModel):
    limit: int
    tags: list[int]


class InternalCompany(BaseModel):
    title: str


def internal_rule(value: str) -> str:
    if value == "hunter2":
        raise ValueError("hunter2 is in the table internal-people")
    return value


def request(path: str, body: str | bytes | None = None, content_type: str | None = "application/json", **query: str) -> dict[str, Any]:
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": {} if content_type is None else {"content-type": content_type},
        "multiValueHeaders": {} if content_type is None else {"content-type": [content_type]},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "requestContext": {"stage": "prod", "path": path, "httpMethod": "POST", "requestId": "1"},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


def made(*, validating: bool = True, route: bool | None = None, **settings: Any) -> APIGatewayRestResolver:
    app = APIGatewayRestResolver(enable_validation=validating, **settings)
    handle_errors(app)

    @app.post("/people", enable_validation=route)
    def person(person: InternalPerson) -> dict[str, str]:
        return {"name": person.name}

    @app.post("/read", enable_validation=False)
    def read() -> dict[str, Any]:
        return {"read": app.current_event.json_body}

    @app.post("/ranks", enable_validation=route)
    def ranks(ranks: Annotated[list[int], Query()]) -> list[int]:
        return ranks

    @app.post("/files", enable_validation=route)
    def files(upload: Annotated[bytes, File()]) -> dict[str, int]:
        return {"size": len(upload)}

    @app.post("/forms", enable_validation=route)
    def forms(name: Annotated[str, Form()], age: Annotated[int, Form()]) -> dict[str, Any]:
        return {"name": name, "age": age}

    @app.post("/either", enable_validation=route)
    def either(
        party: InternalPerson | InternalCompany | list[Annotated[str, AfterValidator(internal_rule)]], rank: Annotated[int, Query()] = 0
    ) -> dict[str, int]:
        del party
        return {"rank": rank}

    return app


def sent(app: APIGatewayRestResolver, event: dict[str, Any]) -> tuple[int, Any]:
    answer = app.resolve(event, LambdaContext())
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("path", ["/people", "/read"])
def test_a_body_that_is_no_json_is_answered_with_422(path: str, body: str) -> None:
    assert sent(made(), request(path, body)) == (422, {"statusCode": 422, "detail": [{"loc": ["body"], "type": "json_invalid"}]})


@pytest.mark.parametrize("path", ["/people", "/read"])
@pytest.mark.parametrize("body", ["A", "e30", "\ud800", base64.b64encode(b'{"name":"\xff\xfe"}').decode()])
def test_a_body_that_is_no_base64_or_no_utf_8_is_answered_with_422(path: str, body: str) -> None:
    status, answer = sent(made(), {**request(path, body), "isBase64Encoded": True})
    assert (status, answer["detail"]) == (422, [{"loc": ["body"], "type": "body_encoding_invalid"}])


@pytest.mark.parametrize("validating", [True, False])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b'--b\r\nContent-Disposition: form-data; name="upload"\r\n\r\n\xff\xfe\r\n--b--', "multipart/form-data; boundary=b"),
        (b"--b\r\n\xff\xfe: x\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b"),
        ("A", "multipart/form-data; boundary=b"),
    ],
)
def test_a_form_that_cannot_be_read_is_answered_with_422(body: Any, content_type: str, *, validating: bool) -> None:
    event = {**request("/files", body, content_type), "isBase64Encoded": True}
    status, answer = sent(made(validating=validating, route=True), event)
    assert (status, answer["detail"]) == (422, [{"loc": ["body"], "type": "multipart_invalid"}])


def test_another_content_type_is_answered_with_415() -> None:
    assert sent(made(), request("/people", '{"name": "a"}', "text/plain"))[0] == 415


def test_a_form_names_its_fields() -> None:
    status, answer = sent(made(), request("/forms", "name=a&age=hunter2", "application/x-www-form-urlencoded"))
    assert (status, answer["detail"]) == (422, [{"loc": ["body", "age"], "type": "int_parsing"}])
    assert sent(made(), request("/forms", "age=1", "application/x-www-form-urlencoded"))[1]["detail"] == [
        {"loc": ["body", "name"], "type": "missing"}
    ]


def test_a_deserializer_of_the_apps_own_is_used_and_what_it_raises_is_the_clients_fault() -> None:
    def upper(text: str) -> Any:
        if text == "deep":
            raise RecursionError
        return json.loads(text.upper().replace("NAME", "name"))

    app = made(json_body_deserializer=upper)
    assert sent(app, request("/people", '{"name": "ann"}')) == (200, {"name": "ANN"})
    assert sent(app, request("/people", "deep"))[0] == 422


def test_classes_and_validators_stay_out_of_the_answer() -> None:
    status, answer = sent(made(), request("/either", '{"nom": "hunter2"}', rank="hunter2"))
    assert status == 422
    assert {"loc": ["body", "name"], "type": "missing"} in answer["detail"]
    assert {"loc": ["query", "rank"], "type": "int_parsing"} in answer["detail"]
    others = sent(made(), request("/either", '["a", "hunter2"]'))[1]
    for told in (str(answer), str(others)):
        assert [word for word in ("Internal", "internal", "hunter", "function-", "list[") if word in told] == []


def test_positions_and_names_of_the_request_stay_in_the_answer() -> None:
    assert sent(made(), request("/people", '[{"name": 3}]'))[1]["detail"] == [{"loc": ["body", "name"], "type": "string_type"}]
    assert sent(made(), request("/people", '{"name": "a", "extra": "x"}'))[1]["detail"] == [
        {"loc": ["body", "extra"], "type": "json_invalid"}
    ]
    assert sent(made(), request("/ranks", ranks="x"))[1]["detail"] == [{"loc": ["query", "ranks", 0], "type": "int_parsing"}]


def test_a_body_of_many_faults_is_answered_in_short() -> None:
    status, answer = sent(made(), request("/either", json.dumps([{"x" * 500: number} for number in range(5_000)])))
    assert (status, len(answer["detail"])) == (422, 20)


def test_a_model_of_parameters_names_them() -> None:
    app = APIGatewayRestResolver(enable_validation=True)
    handle_errors(app)

    @app.post("/")
    def find(given: Annotated[InternalFilter, Query()]) -> dict[str, int]:
        return {"limit": given.limit}

    assert find is not None
    assert sent(app, request("/", tags="1", limit="x"))[1]["detail"] == [{"loc": ["query", "given", "limit"], "type": "int_parsing"}]
    assert sent(app, request("/", limit="3"))[1]["detail"] == [{"loc": ["query", "given", "tags"], "type": "missing"}]


def test_what_a_handler_returns_is_a_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    app = APIGatewayRestResolver(enable_validation=True)
    handle_errors(app)

    @app.post("/")
    def lie() -> list[InternalPerson]:
        return [{"nom": "hunter2"}]  # type: ignore[list-item]  # pyright: ignore[reportReturnType]  (the lie)

    assert lie is not None
    with caplog.at_level(logging.ERROR):
        assert sent(app, request("/")) == (500, {"error": {"code": "internal", "message": "something went wrong on our side"}})
    assert "response.0.name" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "error", [ValueError("no"), RecursionError(), json.JSONDecodeError("no", "", 0), UnicodeDecodeError("x", b"", 0, 1, "")]
)
def test_what_a_handler_raises_by_itself_is_no_fault_of_the_client(error: Exception) -> None:
    app = made()

    @app.post("/fail")
    def fail(person: InternalPerson) -> dict[str, str]:
        raise error from ValueError(person.name)

    assert fail is not None
    with pytest.raises(type(error)):
        app.resolve(request("/fail", '{"name": "a"}'), LambdaContext())


def test_a_function_of_the_apps_own_may_have_any_name() -> None:
    app = made()

    @app.post("/own")
    def json_body() -> None:
        raise ValueError("ours")

    assert json_body is not None
    with pytest.raises(ValueError, match="ours"):
        app.resolve(request("/own"), LambdaContext())


def test_what_a_dependency_cannot_read_is_the_clients_fault() -> None:
    app = APIGatewayRestResolver()
    handle_errors(app)

    def body() -> Any:
        return app.current_event.json_body

    def use(given: Any) -> dict[str, Any]:
        return {"given": given}

    use.__annotations__["given"] = Annotated[Any, Depends(body)]
    app.post("/")(use)
    assert sent(app, request("/", "[")) == (422, {"statusCode": 422, "detail": [{"loc": ["body"], "type": "json_invalid"}]})


def test_an_apps_own_answer_to_what_is_refused_goes_first() -> None:
    app = made()

    @app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]  # Powertools has no types here
    def refuse(error: RequestValidationError) -> Response[str]:
        return Response(400, "application/json", json.dumps([error.errors()[0]["loc"]]))

    assert refuse is not None
    assert sent(app, request("/people", "{}")) == (400, [["body", "name"]])
    assert sent(app, request("/people", DEEP)) == (400, [["body"]])


def test_an_app_that_handles_errors_is_described_as_one_that_does_not() -> None:
    plain = APIGatewayRestResolver(enable_validation=True)

    @plain.post("/people")
    def person(person: InternalPerson) -> dict[str, str]:
        return {"name": person.name}

    assert person is not None
    app = made()
    assert not answers_invalid_itself(app)
    assert body_of(app, routes_of(app)[0]) == body_of(plain, routes_of(plain)[0])
    assert body_of(app, routes_of(app)[0]) is not None
