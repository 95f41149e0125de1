"""Secrets of the emulator: `Ref` is a name there, and a generated one is empty without settings, and has what most of them exclude."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.template import is_array, is_object, replace_resources, resources, rewrite

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target


_PASSWORD_LENGTH: Final = 32
_EXCLUDED: Final = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


def generate_secrets(template: Json, target: Target) -> Json:
    """Say the default length of each secret to generate, and exclude by single characters what its template excludes by kinds.

    The emulator takes a generation with all defaults for no secret, and knows of the exclusions `ExcludeCharacters` alone.
    """
    del target
    changed: Json = {
        name: {**secret, "Properties": {**secret["Properties"], "GenerateSecretString": _generation(settings)}}
        for name, secret in resources(template, "AWS::SecretsManager::Secret")
        if is_object(settings := secret.get("Properties", {}).get("GenerateSecretString"))
    }
    return replace_resources(template, changed) if changed else template


def _generation(settings: Json) -> Json:
    excluded = "".join(characters for kind, characters in _EXCLUDED.items() if settings.get(kind) in {True, "true"})
    named = settings.get("ExcludeCharacters", "")
    return {"PasswordLength": _PASSWORD_LENGTH, **settings} | ({"ExcludeCharacters": named + excluded} if excluded else {})


def use_secret_arns(template: Json, target: Target) -> Json:
    """Turn every `Ref` of a secret into the attribute that holds its ARN, in `Fn::Sub` too.

    On AWS both are the ARN; with the emulator's name in its place, a policy would grant nothing.
    """
    del target
    secrets = {name for name, _ in resources(template, "AWS::SecretsManager::Secret")}
    if not secrets:
        return template

    def change(node: Any) -> Any:
        if not is_object(node) or len(node) != 1:
            return node
        if node.get("Ref") in secrets:
            return {"Fn::GetAtt": [node["Ref"], "Id"]}
        return {"Fn::Sub": _with_arns(node["Fn::Sub"], secrets)} if "Fn::Sub" in node else node

    adapted: Json = rewrite(template, change)
    return adapted


def _with_arns(sub: Any, secrets: set[str]) -> Any:
    if is_array(sub):
        return [_with_arns(sub[0], secrets - set(sub[1])), *sub[1:]]
    return re.sub(r"\$\{(\w+)\}", lambda match: f"${{{match[1]}.Id}}" if match[1] in secrets else match[0], sub)
