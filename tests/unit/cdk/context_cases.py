"""Names of a request's context that there are not, or that a guard does not give, and names near to them, by the rule's id."""

from __future__ import annotations

from tests.unit.cdk.rule_edits import (
    ACTION,
    ASKING,
    AUTHORIZER,
    AUTHTYPE,
    BODY,
    DIRECT,
    DIRECTLY,
    GET,
    INTEGRATION,
    LAMBDA,
    POST,
    RESPONSES,
    SCHEMES,
    STAGES,
    Edit,
    beside,
    mapped,
    templated,
)

HEADER = "integration.request.header.X"
POOL = {
    "type": "apiKey",
    "name": "A",
    "in": "header",
    AUTHTYPE: "cognito_user_pools",
    AUTHORIZER: {"type": "cognito_user_pools", "providerARNs": ["arn:x"]},
}
POOLED: Edit = {(*SCHEMES, "pool"): POOL, (*DIRECTLY, "security"): [{"pool": []}]}

MAPPED: Edit = {("beside", 2): {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": {"Stage": "live"}}}
FIREWALL: Edit = beside("WAFv2::WebACLAssociation", WebACLArn="arn:x")
PRIVATE: Edit = {("EndpointConfiguration", "Types"): ["PRIVATE"]}


def judged(source: str) -> Edit:
    judge = {"type": "request", "authorizerUri": LAMBDA, "identitySource": source}
    return {(*SCHEMES, "j"): {"type": "apiKey", "name": "A", "in": "header", AUTHTYPE: "custom", AUTHORIZER: judge}}


def answered(**parts: object) -> Edit:
    return {(*ACTION, "responses"): {"default": {"statusCode": "200", **parts}}}


CONTEXT_BROKEN: dict[str, list[Edit]] = {
    "P10": [
        templated('{"ip":"$context.identity.sourceIP"}'),
        templated("$!{context.authorizer.claims}"),
        templated("$context.error.message"),
        templated("$context.requestID.replaceAll('a','b')"),
        templated("$context.path.json"),
        mapped(HEADER, "context.identity.sourceip"),
        mapped(HEADER, "context.identity.userArn"),
        mapped(HEADER, "context.authorizer.claims.sub"),
        mapped(HEADER, "context.authorizer.principalId"),
        mapped(HEADER, "context.identity.apiKey"),
        mapped(HEADER, "context.authorizer.principalId") | POOLED,
        mapped(HEADER, "context.identity.cognitoIdentityId") | POOLED,
        answered(responseTemplates={"application/json": "$context.requestid"}),
        answered(responseParameters={"method.response.header.X": "context.requestid"}),
        {(*BODY, RESPONSES, "DEFAULT_4XX", "responseTemplates", "application/json"): "$context.error.messagestring"},
        {(*BODY, RESPONSES, "DEFAULT_4XX", "responseParameters"): {"gatewayresponse.header.X": "context.error.type"}},
        judged("method.request.header.X, context.identity.sourceip"),
        {(*STAGES, "AccessLogSetting", "Format"): "$context.requestId $context.wafstatus"},
        mapped(HEADER, "context.identity.clientCert.subjectDN"),
        mapped(HEADER, "context.identity.clientCert.subjectDN") | beside("ApiGatewayV2::DomainName", DomainName="a.example") | MAPPED,
        mapped(HEADER, "context.wafResponseCode"),
        mapped(HEADER, "context.identity.vpceId"),
        judged("context.identity.vpcId"),
    ],
    "P11": [
        {(*ACTION, "requestTemplates"): {"application/json": "$context.identity.userArn"}},
        {(*ACTION, "requestTemplates"): {"application/json": "$context.authorizer.claims['cognito:username']"}},
        templated("$context.authorizer.claims.sub"),
        templated("$context.identity.clientCert.clientCertPem"),
        templated("$context.webaclArn"),
        templated("$context.identity.vpcId"),
    ],
}

CONTEXT_HELD: dict[str, list[Edit]] = {
    "P10": [
        templated("$context.identity.sourceIp.replaceAll('a','b') ${context.requestId}. $context.stage/$context.path-x"),
        templated("#set($context.requestOverride.header.X = 'a')#set($context.responseOverride.status = 404)$context.keySet()"),
        templated("#set($who = $context.identity)$context.authorizer.claims['cognito:username']$context.authorizer.get('x')"),
        templated("$contexts.other $input.params('context.other') context.other"),
        {(*POST, INTEGRATION): DIRECT | {"requestParameters": {HEADER: "context.authorizer.principalId"}}},
        {(*GET, INTEGRATION): DIRECT | {"requestParameters": {HEADER: "context.identity.cognitoIdentityId"}}},
        mapped(HEADER, "context.authorizer.claims.sub") | POOLED,
        mapped(HEADER, "context.identity.apiKey") | {(*DIRECTLY, "security"): [{"key": []}]},
        mapped(HEADER, "'context.other'"),
        mapped(HEADER, "context.requestOverride.header.X"),
        {(*BODY, RESPONSES, "DEFAULT_4XX", "responseParameters"): {"gatewayresponse.header.X": "context.error.responseType"}},
        judged("method.request.header.X, context.identity.sourceIp"),
        mapped(HEADER, "context.identity.clientCert.subjectDN") | beside("ApiGatewayV2::DomainName", **ASKING) | MAPPED,
        mapped(HEADER, "context.identity.clientCert.subjectDN") | beside("ApiGatewayV2::ApiMapping", Stage="live"),
        mapped(HEADER, "context.wafResponseCode") | FIREWALL,
        mapped(HEADER, "context.identity.vpceId") | PRIVATE,
        mapped(HEADER, "context.identity.vpceId") | {("EndpointConfiguration", "Types"): {"Ref": "Types"}},
        judged("context.identity.vpcId") | PRIVATE,
        {
            (
                *STAGES,
                "AccessLogSetting",
                "Format",
            ): "$context.requestId $context.waf.status $context.tlsVersion $context.integration.latency $context.authorize.error"
        },
    ],
    "P11": [
        templated("$context.identity.userArn"),
        {(*ACTION, "requestTemplates"): {"application/json": "$context.authorizer.claims['cognito:username']"}} | POOLED,
        {(*ACTION, "requestTemplates"): {"application/json": "$context.identity.sourceIp"}},
        templated("$context.identity.clientCert.clientCertPem") | beside("ApiGateway::DomainName", **ASKING) | MAPPED,
        templated("$context.webaclArn") | FIREWALL,
        templated("$context.identity.vpcId") | PRIVATE,
    ],
}
