"""What API Gateway's importer refuses, drops or opens without a word, as rules over plain data; no emulator and no validator of CloudFormation knows them.

A rule is a function from an API, as its template has it, to what it finds; its docstring names its source. Nothing here knows the CDK.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules import (
    context,
    http,
    http_integrations,
    http_security,
    integrations,
    models,
    parameters,
    paths,
    policies,
    policy_words,
    security,
    sizes,
    stages,
    variables,
    velocity,
)
from gateleg.cdk.body_rules.http import HttpApi
from gateleg.cdk.body_rules.reading import Finding, RestApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Rule = Callable[[RestApi], Iterable[Finding]]
    HttpRule = Callable[[HttpApi], Iterable[Finding]]

__all__ = ["HTTP", "REST", "Finding", "HttpApi", "RestApi", "judge"]

REST: Mapping[str, Rule] = {
    "M1": models.names,
    "M2": models.draft,
    "M3": models.words,
    "M4": models.null,
    "M5": models.counts,
    "M6": models.formats,
    "M7": models.choices,
    "M9": models.references,
    "M10": models.response_kinds,
    "M11": models.unnamed,
    "M12": models.sizes,
    "P1": parameters.keywords,
    "P2": parameters.cookies,
    "P3": parameters.unique,
    "P4": parameters.names,
    "P6": parameters.declared,
    "P7": parameters.expressions,
    "P9": parameters.validators,
    "P10": context.named,
    "P11": context.given,
    "D1": paths.document,
    "D2": paths.siblings,
    "D3": paths.greedy,
    "D4": paths.segments,
    "D5": paths.slashes,
    "D6": paths.reserved,
    "D7": paths.integrations,
    "D9": paths.methods,
    "D10": paths.responses,
    "D11": paths.codes,
    "D12": paths.operation_ids,
    "D13": paths.base_path,
    "D14": paths.title,
    "D15": paths.elsewhere,
    "S0": security.inherited,
    "S1": security.unguarded,
    "S2": security.untyped,
    "S3": security.kinds,
    "S4": security.several,
    "S5": security.alternatives,
    "S6": security.mixed,
    "S7": security.pools,
    "S8": security.identity,
    "S11": security.refusals,
    "S12": security.key_source,
    "S13": security.opened,
    "S14": security.bypassed,
    "S15": security.unreachable,
    "S16": security.unused,
    "I1": integrations.lambda_method,
    "I2": integrations.method,
    "I3": integrations.uri,
    "I4": integrations.proxied,
    "I5": integrations.timeout,
    "I6": integrations.streamed,
    "I7": integrations.mapped_headers,
    "I8": integrations.default_answer,
    "I9": integrations.patterns,
    "I10": integrations.mock_status,
    "I11": integrations.binary_mocks,
    "I13": integrations.passthrough,
    "I14": integrations.templates,
    "I15": integrations.referred,
    "I16": integrations.gateway_responses,
    "I17": velocity.readable,
    "I18": integrations.members,
    "T1": sizes.mode,
    "T3": sizes.endpoint,
    "T4": sizes.private,
    "T5": sizes.policy,
    "T6": sizes.body,
    "T8": sizes.compression,
    "T9": sizes.documentation,
    "T10": sizes.permissions,
    "T11": sizes.security_policy,
    "T13": policies.let_in,
    "T14": policies.known_paths,
    "T15": policies.signed_for,
    "T16": policy_words.operators,
    "T17": policy_words.keys,
    "T18": policy_words.actions,
    "Q1": sizes.quotas,
    "Q2": stages.method_settings,
    "Q3": stages.plan_throttles,
    "Q4": stages.plans,
    "Q5": stages.widened,
    "Q6": stages.access_logs,
    "Q8": stages.caches,
    "Q10": stages.names,
    "Q11": stages.unplanned,
    "Q12": stages.values,
    "Q13": variables.declared,
    "Q14": variables.canaries,
    "Q15": stages.shared_answers,
}
"""The rules of REST APIs by their ids."""

HTTP: Mapping[str, HttpRule] = {
    "H1": http.version,
    "H2": http_integrations.types,
    "H3": http.extensions,
    "H4": http_integrations.payloads,
    "H5": http.paths,
    "H6": http_security.requirements,
    "H7": http_security.tokens,
    "H8": http_security.judges,
    "H9": http_security.unguarded,
    "H11": http.redundant,
    "H12": http_security.preflights,
    "H13": http.route_settings,
    "H14": http.deployed,
    "H15": http_integrations.services,
    "H16": http_integrations.links,
    "H17": http.quotas,
    "H18": http_integrations.timeouts,
    "H19": http.base_path,
    "H20": security.opened,
    "H21": variables.declared,
    "H22": security.bypassed,
    "H23": paths.elsewhere,
    "H24": security.unreachable,
    "H25": context.http_named,
    "H26": http_security.credentials,
    "H27": security.unused,
}
"""The rules of HTTP APIs by their ids."""


def judge(api: RestApi, rules: Mapping[str, Any] | None = None) -> list[Finding]:
    """What the rules find.

    Args:
        api: The API.
        rules: By their ids; all of its kind unless given.
    """
    own: Mapping[str, Any] = HTTP if isinstance(api, HttpApi) else REST
    return [replace(finding, rule=name) for name, rule in (own if rules is None else rules).items() for finding in rule(api)]
