"""Resources beside tables that hold what nobody can make again: what replaces them, and how they leave.

The types are those that the CloudFormation service specification calls stateful, with the properties whose change replaces them
(https://github.com/cdklabs/awscdk-service-spec); logs and what a table has its own rules for are left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gateleg.changes.change import Change
from gateleg.changes.template import RETAINING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.changes.template import Json

STATEFUL: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::Backup::BackupVault": ("BackupVaultName", "EncryptionKeyArn"),
    "AWS::Cognito::UserPool": (),
    "AWS::DocDB::DBCluster": (
        "DBClusterIdentifier",
        "DBSubnetGroupName",
        "KmsKeyId",
        "MasterUsername",
        "SnapshotIdentifier",
        "StorageEncrypted",
    ),
    "AWS::EFS::FileSystem": ("AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"),
    "AWS::ElastiCache::ReplicationGroup": ("AtRestEncryptionEnabled", "Engine", "KmsKeyId", "Port", "ReplicationGroupId"),
    "AWS::FSx::FileSystem": ("BackupId", "FileSystemType", "KmsKeyId", "SubnetIds"),
    "AWS::KMS::Key": (),
    "AWS::Kinesis::Stream": ("Name",),
    "AWS::Neptune::DBCluster": ("DBClusterIdentifier", "DBSubnetGroupName", "KmsKeyId", "SnapshotIdentifier", "StorageEncrypted"),
    "AWS::OpenSearchService::Domain": ("DomainName", "EngineMode"),
    "AWS::RDS::DBCluster": ("DBClusterIdentifier", "DatabaseName", "EngineMode", "KmsKeyId", "SnapshotIdentifier", "StorageEncrypted"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", "DBName", "KmsKeyId", "MasterUsername", "Port", "StorageEncrypted"),
    "AWS::Redshift::Cluster": ("ClusterIdentifier", "DBName", "MasterUsername", "SnapshotIdentifier"),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"),
    "AWS::SQS::Queue": ("FifoQueue", "QueueName"),
    "AWS::SecretsManager::Secret": ("Name",),
}
"""By type, the properties whose change makes CloudFormation replace the resource."""

KEPT_FLAG: Final = "DeletionProtection"
"""By which user pools and clusters refuse to be deleted."""

_ON: Final = (True, "true", "ACTIVE")
_KEEPING: Final = (*RETAINING, "Snapshot")


def stateful_changes(stack: str, before: Json, after: Json) -> Iterator[Change]:
    """Yield what changes of the resources of one stack that hold data.

    Args:
        stack: The stack's name.
        before: Its resources as they are deployed.
        after: Its resources as they are declared now.
    """
    for name, old in before.items():
        if old["Type"] in STATEFUL:
            new = after.get(name)
            yield from _left(stack, name, old, after, before) if new is None else _changed(stack, name, old, new)


def loosened(old: Json, new: Json) -> list[str]:
    """Return how the policies of a resource are looser than before, those that CloudFormation has for want of one counted as `Delete`."""
    return [
        f"{policy} from {old[policy]} to {new.get(policy, 'Delete')}"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy")
        if old.get(policy) in _KEEPING and new.get(policy) not in _KEEPING
    ]


def _left(stack: str, name: str, old: Json, after: Json, before: Json) -> Iterator[Change]:
    kind = old["Type"]
    twin = next((other for other, one in after.items() if one["Type"] == kind and other not in before), None)
    kept = old.get("DeletionPolicy") in _KEEPING
    left = "leaves this one behind, in no stack" if kept else "deletes this one with what it holds"
    if twin is not None:
        said = f"the {kind} {name} of stack {stack} gives way to {twin}, for which AWS makes a new one and {left}"
        instead = f"if it is the same, write override_logical_id({name!r}) on its L1 construct, or use cdk refactor"
    else:
        said = f"the {kind} {name} of stack {stack} is no longer declared: AWS {left}"
        instead = "keep it declared until what it holds is moved"
    # Whoever wrote Delete said so before: what goes with its stack may go alone.
    meant = old.get("DeletionPolicy") == "Delete"
    yield Change("renamed" if twin else "leaves", stack, name, "told" if meant else "refused", said, "" if meant else instead)


def _changed(stack: str, name: str, old: Json, new: Json) -> Iterator[Change]:
    kind, who = old["Type"], f"the {old['Type']} {name} of stack {stack}"
    if new["Type"] != kind:
        said = f"{who} changes its type to {new['Type']}, and AWS answers 'Update of resource type is not permitted'"
        yield Change("type", stack, name, "refused", said, "declare the other under another id")
        return
    was, now = old.get("Properties", {}), new.get("Properties", {})
    if given := [
        f"{part} from {_text(was.get(part))} to {_text(now.get(part))}" for part in STATEFUL[kind] if was.get(part) != now.get(part)
    ]:
        left = "leaves this one behind" if new.get("UpdateReplacePolicy") in _KEEPING else "deletes this one with what it holds"
        said = f"{who} changes {' and '.join(given)}, for which AWS makes a new one and {left}"
        yield Change("replaced", stack, name, "refused", said, "declare a second one, and move what this one holds")
    if looser := loosened(old, new):
        instead = "leave the policies as they are"
        yield Change(
            "retention", stack, name, "refused", f"{who} changes its {' and '.join(looser)}: its end is the end of what it holds", instead
        )
    if was.get(KEPT_FLAG) in _ON and now.get(KEPT_FLAG) not in _ON:
        yield Change("protection", stack, name, "refused", f"{who} is no longer protected from deletion", f"leave {KEPT_FLAG} on")


def _text(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, sort_keys=True)
