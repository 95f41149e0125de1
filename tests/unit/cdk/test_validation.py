"""What the gateway checks where it is asked to, and how it answers what it refuses."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, cast

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from gateleg.cdk.schemas import Models
from gateleg.cdk.validation import Checks, refusal_responses, request_checks, require_answers_alike
from gateleg.description import App, Body, Route
from gateleg.errors import RouteError

OBJECT: dict[str, Any] = {"type": "object", "properties": {"a": {}}, "required": ["a"]}


class Note(BaseModel):
    text: str


def powertools_answer(**request: Any) -> tuple[int, dict[str, Any]]:
    app = APIGatewayRestResolver(enable_validation=True)

    @app.post("/notes")
    def create(note: Note, number: Annotated[int, Query()]) -> dict[str, str]:
        return {"text": note.text * number}

    event = {
        "httpMethod": "POST",
        "path": "/notes",
        "headers": {},
        "multiValueHeaders": {},
        "requestContext": {"requestId": "1"},
        "isBase64Encoded": False,
        **request,
    }
    answer = app.resolve(event, cast("Any", None))
    return answer["statusCode"], json.loads(answer["body"])


def rendered(template: str, **variables: str) -> dict[str, Any]:
    """A gateway response as API Gateway makes it: variables for their values, and nothing else."""
    body: dict[str, Any] = json.loads(re.sub(r"\$context\.error\.(\w+)", lambda found: variables[found[1]], template))
    return body


def test_a_required_json_body_is_checked_by_its_model() -> None:
    models = Models()
    checks = request_checks(Route("POST /rooms/{room}", "h", body=Body(OBJECT)), models)

    assert checks == Checks(model="PostRoomsRoomBody")
    assert models.schemas == {"PostRoomsRoomBody": OBJECT}
    assert checks.validator == "body"


@pytest.mark.parametrize(
    "body",
    [
        None,
        Body({}),
        Body(OBJECT, required=False),
        Body(OBJECT, media_types=("application/vnd.api+json",)),
        Body(OBJECT, media_types=("application/json", "multipart/form-data")),
    ],
)
def test_a_body_that_may_be_missing_or_anything_is_left_to_the_handler(body: Body | None) -> None:
    assert request_checks(Route("POST /x", "h", body=body), Models()).validator is None


def test_parameters_are_checked_but_for_those_that_the_path_names_too() -> None:
    checks = request_checks(Route("GET /x/{id}", "h", parameters=("q", "id")), Models())

    assert checks == Checks(required=("q",))
    assert checks.validator == "parameters"
    assert Checks("M", ("q",)).validator == "all"


@pytest.mark.parametrize(
    ("kind", "request_given", "variables"),
    [
        (
            "BAD_REQUEST_BODY",
            {"body": "{}", "queryStringParameters": {"number": "1"}},
            {"validationErrorString": '[object has missing required properties ([\\"text\\"])]'},
        ),
        (
            "BAD_REQUEST_PARAMETERS",
            {"body": '{"text": "a"}', "queryStringParameters": None},
            {"messageString": '"Missing required request parameters: [number]"'},
        ),
    ],
)
def test_a_refusal_has_the_status_and_the_shape_of_the_handlers_and_names_the_field(
    kind: str, request_given: dict[str, Any], variables: dict[str, str]
) -> None:
    status, expected = powertools_answer(**request_given)
    response = refusal_responses({})[kind]
    body = rendered(response["responseTemplates"]["application/json"], **variables)

    assert (response["statusCode"], body["statusCode"]) == (str(status), expected["statusCode"])
    assert set(body) == set(expected)
    (detail,), (theirs,) = body["detail"], expected["detail"]
    assert set(theirs) <= set(detail)
    assert detail["loc"][0] == theirs["loc"][0]
    assert theirs["loc"][1] in detail["msg"]


def test_pages_of_other_origins_may_read_refusals() -> None:
    headers = {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}
    assert all(response["responseParameters"] == headers["responseParameters"] for response in refusal_responses(headers).values())


def test_an_app_that_answers_invalid_requests_itself_is_not_answered_for() -> None:
    with pytest.raises(RouteError, match=r'RestApp\("svc.rest:app", validate_requests=False\)'):
        require_answers_alike(App("svc.rest:app", "rest", validates=True, answers_invalid=True))
    require_answers_alike(App("svc.rest:app", "rest", validates=True))


def test_an_app_that_does_not_validate_says_nothing_to_check_by() -> None:
    with pytest.raises(RouteError, match=r"write APIGatewayRestResolver\(enable_validation=True\)"):
        require_answers_alike(App("svc.rest:app", "rest"))
