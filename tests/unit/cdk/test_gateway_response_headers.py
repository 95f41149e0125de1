"""Headers of what API Gateway answers itself."""

from __future__ import annotations

from gateleg.cdk.management.gateway_responses import GatewayResponse, gateway_responses


def test_a_header_stands_once_whatever_its_case() -> None:
    common = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://a.example'", "gatewayresponse.header.Vary": "'Origin'"}
    given = {"UNAUTHORIZED": GatewayResponse(headers={"access-control-allow-origin": "*"})}
    assert gateway_responses(given, common)["UNAUTHORIZED"]["responseParameters"] == {
        "gatewayresponse.header.Vary": "'Origin'",
        "gatewayresponse.header.access-control-allow-origin": "'*'",
    }
