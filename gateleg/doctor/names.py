"""Names that the template fixes: what collides with another stack, with a stack that was deleted, or with the rest of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.doctor.need import DOCS, Need, When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import Resource, StackTemplate

# The property with the name, and how to ask whether it is taken.
_NAMED = {
    "AWS::DynamoDB::GlobalTable": ("TableName", "aws dynamodb describe-table --table-name {}"),
    "AWS::DynamoDB::Table": ("TableName", "aws dynamodb describe-table --table-name {}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "aws logs describe-log-groups --log-group-name-prefix {}"),
    "AWS::S3::Bucket": ("BucketName", "aws s3api head-bucket --bucket {}"),
    "AWS::SecretsManager::Secret": ("Name", "aws secretsmanager describe-secret --secret-id {}"),
    "AWS::SQS::Queue": ("QueueName", "aws sqs get-queue-url --queue-name {}"),
    "AWS::SNS::Topic": ("TopicName", "aws sns list-topics"),
    "AWS::Lambda::Function": ("FunctionName", "aws lambda get-function --function-name {}"),
    "AWS::IAM::Role": ("RoleName", "aws iam get-role --role-name {}"),
    "AWS::Cognito::UserPoolDomain": ("Domain", "aws cognito-idp describe-user-pool-domain --domain {}"),
    "AWS::KMS::Alias": ("AliasName", "aws kms describe-key --key-id {}"),
}
_OF_THE_WORLD = frozenset({"AWS::S3::Bucket", "AWS::Cognito::UserPoolDomain"})
_KEPT = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})
# What is worth a word where it is left behind: the rest costs nothing and holds nothing.
_STATEFUL = frozenset({*_NAMED, "AWS::KMS::Key", "AWS::Cognito::UserPool"}) - {"AWS::Lambda::Function", "AWS::IAM::Role", "AWS::KMS::Alias"}


def names(template: StackTemplate) -> Iterator[Need]:
    """What collides, and what is left behind."""
    left = [resource for resource in template.of_type() if resource.type in _STATEFUL and _is_kept(resource)]
    for resource in template.of_type(*_NAMED):
        key, check = _NAMED[resource.type]
        name = resource.properties.get(key)
        if isinstance(name, str):
            yield _collides(resource, name, check.format(name))
    if left:
        told = ", ".join(f"{one.type.rpartition('::')[2]} {one}" for one in left)
        yield Need(
            "left-behind",
            When.LATER,
            "what the stack leaves behind when it is deleted is wanted, or is deleted by hand",
            f"{told}: kept with their data, and billed; a stack that is deployed again makes new ones beside them",
            tuple(one.logical_id for one in left),
            do="before the stack goes: cdk import takes them into another one later",
            page=DOCS + "AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
        )


def _is_kept(resource: Resource) -> bool:
    return str(resource.definition.get("DeletionPolicy")) in _KEPT


def _collides(resource: Resource, name: str, check: str) -> Need:
    kind = resource.type.rpartition("::")[2]
    where = "in the whole world" if resource.type in _OF_THE_WORLD else "in an account and region"
    reasons = [f"the name is fixed, and stands once {where}: two stacks of this template collide"]
    if _is_kept(resource):
        reasons.append("and it is kept when its stack is deleted, so that the same stack cannot be deployed a second time")
    if resource.type == "AWS::SecretsManager::Secret":
        reasons.append("and a secret's name stays taken for 7 to 30 days after it was deleted")
    return Need(
        "name-free",
        When.DEPLOY,
        f"no {kind} is called {name}",
        "; ".join(reasons),
        (resource.logical_id,),
        check,
        "leave the name out, so that CloudFormation makes one, or import what is there: cdk import",
        DOCS + "AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
    )
