"""What the templates of an app map to one domain, as the rule reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk.template_domains import domains
from gateleg.cdk.written_templates import Templates

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "api.example.com"
APIS: dict[str, Any] = {
    "Rest": {"Type": "AWS::ApiGateway::RestApi", "Properties": {}},
    "Http": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}},
    "Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}},
}
BY_REFERENCE = {"Ref": "Domain"}


def domain(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": {"DomainName": NAME, **properties}}


def mapped(api: str, key: str | None = None, name: Any = NAME, **more: Any) -> dict[str, Any]:
    given = {"ApiId": {"Ref": api}, "DomainName": name} | ({} if key is None else {"ApiMappingKey": key})
    return {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": given, **more}


def base(api: str, path: str | None = None, name: Any = NAME) -> dict[str, Any]:
    given = {"RestApiId": {"Ref": api}, "DomainName": name} | ({} if path is None else {"BasePath": path})
    return {"Type": "AWS::ApiGateway::BasePathMapping", "Properties": given}


def told(resources: Mapping[str, Any], other: Mapping[str, Any] | None = None, ours: str = "Rest", **facts: Any) -> list[str]:
    by_name: dict[str, Any] = {"a.json": {"Resources": {**APIS, **resources}}, "b.json": {"Resources": other or {}}}
    return [one.said for one in domains(Templates(by_name, {f"${{a.json.{ours}}}": "Test/Ours"}, **facts))]


@pytest.mark.parametrize("other", [mapped("Rest", "v1"), mapped("Http", "v1"), base("Rest", "v1"), mapped("Rest", "v1", BY_REFERENCE)])
@pytest.mark.parametrize("ours", ["Socket", "Rest", "Http"])
def test_sockets_share_no_domain_with_others(other: dict[str, Any], ours: str) -> None:
    both = {"Domain": domain(), "A": mapped("Socket"), "B": other}
    of_ours = ours == "Socket" or {"Ref": ours} in other["Properties"].values()
    said = "A maps api.example.com to a WebSocket API, and B maps it to a REST or HTTP API; they share no domain, so give one of them a Domain of its own"
    assert told(both, ours=ours) == ([said] if of_ours else [])


def test_each_kind_has_a_domain_of_its_own() -> None:
    assert told({"A": mapped("Socket", name="socket.example.com"), "B": mapped("Rest", "v1"), "C": mapped("Http", "v2")}) == []


@pytest.mark.parametrize("second", [mapped("Http"), base("Rest"), base("Rest", "(none)"), mapped("Rest", name=BY_REFERENCE)])
def test_a_path_of_a_domain_leads_to_one_api(second: dict[str, Any]) -> None:
    [said] = told({"Domain": domain(), "A": mapped("Rest"), "B": second})
    assert said.startswith("B and A are both at api.example.com/, which leads to one API; write another mapping_key, such as Domain(")


def test_what_a_condition_chooses_may_be_at_one_path() -> None:
    assert told({"A": mapped("Rest"), "B": mapped("Http", Condition="Old")}) == []


def test_regions_and_accounts_have_domains_of_one_name_each() -> None:
    assert len(told({"A": mapped("Rest")}, {"B": mapped("Http")})) == 1
    two = {"a.json": "1", "b.json": "2"}
    assert told({"A": mapped("Rest")}, {"B": mapped("Http")}, accounts=two) == []
    assert told({"A": mapped("Rest")}, {"B": mapped("Http")}, regions=two) == []


def test_no_socket_asks_for_certificates() -> None:
    asking = domain(MutualTlsAuthentication={"TruststoreUri": "s3://b/k"})
    [said] = told({"Domain": asking, "A": mapped("Socket", name=BY_REFERENCE)}, ours="Socket")
    assert said.startswith(
        "A maps api.example.com, which asks clients for certificates, to a WebSocket API, and mutual TLS is for REST and HTTP APIs; map it"
    )
    assert told({"Domain": asking, "A": mapped("Rest"), "Rest": {**APIS["Rest"], "Properties": {"DisableExecuteApiEndpoint": True}}}) == []
    assert told({"Domain": domain(), "A": mapped("Socket")}, ours="Socket") == []


def test_domains_of_no_gateway_are_nobodys() -> None:
    assert told({"A": mapped("Socket"), "B": mapped("Http")}, ours="Rest") == []


def test_two_stacks_that_make_a_domain_of_one_name_are_not_of_one_place() -> None:
    of_b = {"Own": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}, "B": mapped("Own"), "Domain": domain()}
    assert told({"Domain": domain(), "A": mapped("Rest")}, of_b) == []
    assert len(told({"Domain": domain(), "A": mapped("Rest")}, {name: one for name, one in of_b.items() if name != "Domain"})) == 2


MUTUAL = domain(MutualTlsAuthentication={"TruststoreUri": "s3://b/k"})
ELSEWHERE = "open.example.com"
OPEN = {"Type": "AWS::ApiGateway::DomainName", "Properties": {"DomainName": ELSEWHERE}}
CLOSED = {"Rest": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"DisableExecuteApiEndpoint": True}}}


@pytest.mark.parametrize("second", [mapped("Rest", name=ELSEWHERE), base("Rest", name=ELSEWHERE), mapped("Rest", name={"Ref": "Second"})])
def test_a_second_domain_asks_for_certificates_as_the_first_one_does(second: dict[str, Any]) -> None:
    both = {**CLOSED, "Domain": MUTUAL, "A": mapped("Rest"), "Second": OPEN, "B": second}
    [said] = told(both)
    assert said == (
        "A maps api.example.com, which asks clients for certificates, to Test/Ours, and B maps open.example.com to it, which asks for none: whoever has no "
        "certificate comes that way; give that domain a trust store too, as in Domain(..., trust_store=TrustStore(bucket, 'authorities.pem')), or say why it "
        "is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::domain', reason='...'))"
    )
    trusting = {**OPEN, "Properties": {"DomainName": ELSEWHERE, "MutualTlsAuthentication": {"TruststoreUri": "s3://b/k"}}}
    assert told({**both, "Second": trusting}) == told(both, ours="Http") == told({**both, "Domain": domain()}) == []


def test_a_second_domain_that_the_app_does_not_make_is_a_warning() -> None:
    written = {**APIS, **CLOSED, "Domain": MUTUAL, "A": mapped("Rest"), "B": mapped("Rest", name=ELSEWHERE)}
    [found] = domains(Templates({"a.json": {"Resources": written}}, {"${a.json.Rest}": "Test/Ours"}))
    assert (found.resource, found.severity) == ("B", "warning")
    assert "which is not made in this app, so that nobody can say what it asks for" in found.said


@pytest.mark.parametrize("given", [{}, {"DisableExecuteApiEndpoint": False}])
def test_the_own_url_of_an_api_asks_for_no_certificate(given: dict[str, Any]) -> None:
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": given}
    [said] = told({"Domain": MUTUAL, "A": mapped("Rest"), "Rest": api})
    assert said == (
        "A maps api.example.com, which asks clients for certificates, to Test/Ours, whose own URL asks for none; write default_endpoint=False"
    )
    off = {"x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}
    for closed in (
        CLOSED["Rest"]["Properties"],
        {"Body": off},
        {"Body": {"servers": [off]}},
        {"DisableExecuteApiEndpoint": {"Ref": "Off"}},
    ):
        assert told({"Domain": MUTUAL, "A": mapped("Rest"), "Rest": {**api, "Properties": closed}}) == []
