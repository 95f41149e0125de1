"""Names of a request's context that there are not, or that a guard does not give, and names near to them, by the rule's id."""

from __future__ import annotations

from tests.unit.cdk.rule_edits import (
    ACTION,
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
    ],
    "P11": [
        {(*ACTION, "requestTemplates"): {"application/json": "$context.identity.userArn"}},
        {(*ACTION, "requestTemplates"): {"application/json": "$context.authorizer.claims['cognito:username']"}},
        templated("$context.authorizer.claims.sub"),
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
    ],
}
