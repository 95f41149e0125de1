"""What keeps a table's data: presets, and what must not be said together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from aws_cdk import Duration, RemovalPolicy

from gateleg.cdk.arguments import FLAG, a, check, one_of, optional
from gateleg.errors import DeclarationError

Preset = Literal["sandbox", "production"]
"""`sandbox`: everything goes with the stack. `production`: nothing does, backups are kept for 35 days, and what would weaken that is refused."""

_PRESETS: dict[str | None, tuple[RemovalPolicy, bool, bool]] = {
    None: (RemovalPolicy.RETAIN, True, True),
    "production": (RemovalPolicy.RETAIN, True, True),
    "sandbox": (RemovalPolicy.DESTROY, False, False),
}
_DAYS = (1, 35)
_KEPT_DAYS = 35
"""What backups are kept for unless a period is given, and so what `production` says."""


@dataclass(frozen=True)
class Protection:
    """What keeps the data, after presets.

    Attributes:
        removal_policy: What becomes of the table when it leaves the stack.
        deletion_protection: Whether DynamoDB refuses to delete it.
        point_in_time_recovery: Whether continuous backups are kept.
        recovery_days: For how many days; 35 unless said otherwise.
    """

    removal_policy: RemovalPolicy
    deletion_protection: bool
    point_in_time_recovery: bool
    recovery_days: int | None = None


def protection_of(
    owner: str, preset: Any, *, removal_policy: Any, deletion_protection: Any, point_in_time_recovery: Any, recovery_period: Any
) -> Protection:
    """What the arguments of a table say together.

    Args:
        owner: The id of the table, for messages.
        preset: The preset.
        removal_policy: As the preset says, unless given; so are the others.
        deletion_protection: As above.
        point_in_time_recovery: As above.
        recovery_period: For how long backups are kept.

    Raises:
        DeclarationError: An argument is not what it must be, or two contradict each other.
    """
    given = {
        "removal_policy": removal_policy,
        "deletion_protection": deletion_protection,
        "point_in_time_recovery": point_in_time_recovery,
    }
    _check(preset, recovery_period, **given)
    kept = dict(zip(given, _PRESETS[preset], strict=True))
    found: dict[str, Any] = {name: kept[name] if value is None else value for name, value in given.items()}
    days = None if recovery_period is None else recovery_period.to_days()
    made = Protection(**found, recovery_days=days)
    if preset == "production":
        _check_production(owner, made)
    if made.removal_policy is RemovalPolicy.DESTROY and made.deletion_protection:
        how = "as it is unless said otherwise" if deletion_protection is None else "as it is told"
        instead = (
            "write deletion_protection=False, or leave removal_policy out" if removal_policy is not None else "leave one of the two out"
        )
        said = "removal_policy=DESTROY" if removal_policy is not None else f"preset={preset!r}"
        message = f"the table {owner!r} is to be deleted with its stack ({said}) and protected from that (deletion_protection=True, {how}); {instead}"
        raise DeclarationError(message, path="ModelTable.deletion_protection", value=made.deletion_protection)
    if days is not None and not made.point_in_time_recovery:
        message = f"the table {owner!r} has recovery_period={days} days and no point in time recovery; write point_in_time_recovery=True, or leave the period out"
        raise DeclarationError(message, path="ModelTable.recovery_period", value=days)
    return made


def _check(preset: Any, recovery_period: Any, *, removal_policy: Any, deletion_protection: Any, point_in_time_recovery: Any) -> None:
    check(
        "ModelTable",
        preset=(preset, optional(one_of("sandbox", "production"))),
        removal_policy=(removal_policy, optional(_removal)),
        deletion_protection=(deletion_protection, optional(FLAG)),
        point_in_time_recovery=(point_in_time_recovery, optional(FLAG)),
        recovery_period=(recovery_period, optional(_period)),
    )


def _removal(value: Any) -> str | None:
    """CloudFormation keeps snapshots of other kinds of resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html."""
    wanted = "a RemovalPolicy"
    if value is RemovalPolicy.SNAPSHOT:
        return f"{wanted} other than SNAPSHOT, which CloudFormation does not take for tables: RETAIN, and TableBackups(...)"
    return a(wanted, RemovalPolicy)(value)


def _period(value: Any) -> str | None:
    """Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html."""
    least, most = _DAYS
    whole = isinstance(value, Duration) and not value.is_unresolved() and value.to_milliseconds() % Duration.days(1).to_milliseconds() == 0
    return None if whole and least <= value.to_days() <= most else f"a Duration of {least} to {most} whole days, such as Duration.days(7)"


def _check_production(owner: str, made: Protection) -> None:
    weak = [
        f"removal_policy={made.removal_policy.name}" if made.removal_policy is RemovalPolicy.DESTROY else "",
        "" if made.deletion_protection else "deletion_protection=False",
        "" if made.point_in_time_recovery else "point_in_time_recovery=False",
        f"recovery_period={made.recovery_days} days, which are fewer than {_KEPT_DAYS}"
        if (made.recovery_days or _KEPT_DAYS) < _KEPT_DAYS
        else "",
    ]
    if found := ", ".join(filter(None, weak)):
        message = f"the table {owner!r} has preset='production', which keeps its data, and {found}; leave that out, or the preset"
        raise DeclarationError(message, path="ModelTable.preset", value=found)
