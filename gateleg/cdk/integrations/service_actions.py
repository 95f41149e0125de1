"""Actions of IAM that no service of AWS has: what allows one allows nothing.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html. Most are called as the
operations of the services' APIs, which the models of boto3 tell. Those that are not are known here of a few services alone; of every other one an
action is refused that is one letter away from an operation, which is a slip, and what is unlike all of them is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cdk.integrations.service_models import operations_of, services
from gateleg.cdk.integrations.service_names import NEWER, near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHORT = 3
"""Prefixes of so few letters are all alike."""
_BEYOND: Mapping[str, str] = {
    "dynamodb": (
        "AssociateTableReplica ConditionCheckItem CreateGlobalTableWitness CreateTableReplica DeleteGlobalTableWitness DeleteTableReplica "
        "DescribeReservedCapacity DescribeReservedCapacityOfferings GetAbacStatus InjectError PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate "
        "PurchaseReservedCapacityOfferings ReadDataForReplication ReplicateSettings RestoreTableFromAwsBackup StartAwsBackupJob UpdateAbacStatus "
        "UpdateGlobalTableVersion WriteDataForReplication"
    ),
    "events": "AllowVendedLogDeliveryForResource InvokeApiDestination RetrieveConnectionCredentials",
    "execute-api": "Invoke InvalidateCache ManageConnections",
    "firehose": "",
    "kinesis": "AssociateStreamsWithChannel InjectApiError",
    "kms": "ReEncryptFrom ReEncryptTo SynchronizeMultiRegionKey",
    "lambda": (
        "ConnectMicroVM CreateWebFunction CreateWebFunctionEndpoint CreateWebFunctionRevision DeleteWebFunction DeleteWebFunctionEndpoint "
        "DeleteWebFunctionRevision DisableReplication EnableReplication GetWebAccountSettings GetWebFunction GetWebFunctionEndpoint "
        "GetWebFunctionRevision InvokeFunction InvokeFunctionUrl InvokeWebFunctionEndpoint ListNetworkConnectorVersions ListWebFunctionEndpoints "
        "ListWebFunctionRevisions ListWebFunctions PassCapacityProvider PassNetworkConnector UpdateFunctionCodeSigningConfig UpdateWebFunctionEndpoint"
    ),
    "s3": (
        "AllowVendedLogDeliveryForResource BypassGovernanceRetention DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging "
        "GetAccelerateConfiguration GetAccountPublicAccessBlock GetAnalyticsConfiguration GetBucketObjectLockConfiguration GetBucketPublicAccessBlock "
        "GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration "
        "GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation GetObjectVersionAnnotationForReplication GetObjectVersionAttributes "
        "GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent GetReplicationConfiguration GetStorageLensDashboard "
        "InitiateReplication ListAllMyBuckets ListBucket ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts "
        "ListObjectVersionAnnotations ObjectOwnerOverrideToBucketOwner PauseReplication PutAccelerateConfiguration PutAccessPointPublicAccessBlock "
        "PutAccountPublicAccessBlock PutAnalyticsConfiguration PutBucketObjectLockConfiguration PutBucketPublicAccessBlock PutEncryptionConfiguration "
        "PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutObjectVersionAcl "
        "PutObjectVersionAnnotation PutObjectVersionTagging PutReplicationConfiguration ReplicateDelete ReplicateObject ReplicateObjectAnnotation "
        "ReplicateTags"
    ),
    "secretsmanager": "",
    "sns": "",
    "sqs": "",
    "states": "InvokeHTTPEndpoint RevealSecrets",
}
"""By its prefix, what a service has beside the operations of its API; of these services that is all."""
_LIKE_AN_OPERATION = frozenset(
    {
        "appflow:describeflows",
        "athena:getqueryexecutions",
        "detective:listorganizationadminaccount",
        "dms:startmetadatamodelexportasscripts",
        "support:describecommunication",
    }
)
"""The actions of other services that are one letter away from an operation, and are none."""
_OTHERWISE: Mapping[str, str] = {
    "dynamodb:batchexecutestatement": "dynamodb:PartiQLSelect",
    "dynamodb:executestatement": "dynamodb:PartiQLSelect",
    "dynamodb:executetransaction": "dynamodb:PartiQLSelect",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "dynamodb:transactwriteitems": "dynamodb:PutItem",
    "kms:reencrypt": "kms:ReEncryptFrom",
    "lambda:invoke": "lambda:InvokeFunction",
    "lambda:invokewithresponsestream": "lambda:InvokeFunction",
    "s3:copyobject": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:uploadpart": "s3:PutObject",
    "sns:publishbatch": "sns:Publish",
    "sqs:changemessagevisibilitybatch": "sqs:ChangeMessageVisibility",
    "sqs:deletemessagebatch": "sqs:DeleteMessage",
    "sqs:sendmessagebatch": "sqs:SendMessage",
}
"""Operations that IAM calls otherwise: leave by their own names is leave for nothing."""


def unknown_action(action: str) -> str | None:
    """What is wrong with an action of IAM; nothing where a service has it, or nobody can say.

    Args:
        action: `kinesis:PutRecord`, in any case; one without wildcards.
    """
    if (otherwise := _OTHERWISE.get(action.lower())) is not None:
        return f"IAM asks for {otherwise} there, and knows no {action}; write {otherwise!r}"
    prefix, _, name = action.partition(":")
    service, beyond = prefix.lower(), _BEYOND.get(prefix.lower(), "").split()
    operations = operations_of(service)
    if not operations:
        meant = [known for known in services() if len(service) > _SHORT and is_slip(service, known)]
        return None if not meant else f"there is no service {prefix!r} in IAM; write one of {near(service, meant)}{NEWER}"
    known = {one.lower(): one for one in (*operations, *beyond)}
    if name.lower() in known or action.lower() in _LIKE_AN_OPERATION:
        return None
    if service not in _BEYOND and not any(is_slip(name.lower(), one) for one in known):
        return None
    return f"{service} has no action {name!r} in IAM; write one of {_shown(name, service, known)}{NEWER}"


def is_slip(word: str, meant: str) -> bool:
    """Whether one letter is wrong, missing or too much in a word, or two are exchanged.

    Args:
        word: What was written.
        meant: What may be meant.
    """
    same = next((number for number, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other), min(len(word), len(meant)))
    left, right = word[same:], meant[same:]
    if len(word) == len(meant):
        return left[1:] == right[1:] or (left[:2] == right[:2][::-1] and left[2:] == right[2:])
    return left[1:] == right or left == right[1:]


def _shown(name: str, service: str, known: Mapping[str, str]) -> str:
    slips = [own for one, own in known.items() if is_slip(name.lower(), one)]
    return near(f"{service}:{name}", _prefixed(service, known.values()), _prefixed(service, slips))


def _prefixed(service: str, names: Iterable[str]) -> list[str]:
    found = (f"{service}:{one}" for one in names)
    return [one for one in found if one.lower() not in _OTHERWISE]
