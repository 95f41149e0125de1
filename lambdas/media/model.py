"""What the media service stores: assets with their tags, and each version of their files, which lie apart, as there may be many."""

from __future__ import annotations

from datetime import datetime

from gateleg.model import (
    ALL,
    DESCENDING,
    Attr,
    Entity,
    Index,
    StreamView,
    Table,
    access,
    attr,
    created_at,
    index_key,
    key,
    updated_at,
    version,
)

MEDIA = Table(
    "media",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,  # copies in other regions are made from it
    indexes=[Index("by_tag", partition_key="gsi1pk", sort_key="gsi1sk", projection=ALL)],
)

MEDIA_ID = r"^[A-Za-z0-9-]{8,64}$"
TAG = r"^[a-z0-9][a-z0-9-]{0,39}$"
SHA256 = r"^[0-9a-f]{64}$"


class Asset(Entity, table=MEDIA):
    """A picture, a film, a sound; `latest` is the number of its newest version."""

    media_id: Attr[str] = attr(pattern=MEDIA_ID)
    title: Attr[str] = attr(min_length=1, max_length=200)
    media_type: Attr[str] = attr(pattern=r"^(audio|image|video)/[a-z0-9.+-]+$")
    latest: Attr[int] = attr(default=0, ge=0, le=999_999)
    came_at: Attr[datetime] = created_at()
    changed_at: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("MEDIA#{media_id}", "ASSET")

    @access
    def of(*, media_id: str) -> None:
        """The asset itself, to be collected with its tags."""


class Version(Entity, table=MEDIA):
    """A file as it was at one time, which never changes; its bytes are where `location` says."""

    media_id: Attr[str] = attr(pattern=MEDIA_ID)
    number: Attr[int] = attr(ge=1, le=999_999)
    sha256: Attr[str] = attr(pattern=SHA256)
    size: Attr[int] = attr(ge=0)
    location: Attr[str] = attr(min_length=1, max_length=1_024)
    stored_at: Attr[datetime] = created_at()

    key = key("VERSIONS#{media_id}", "VERSION#{number:06d}")

    @access(sort=DESCENDING)
    def of(*, media_id: str) -> None:
        """The versions of an asset, the newest first."""


class Tagged(Entity, table=MEDIA):
    """That an asset has a tag."""

    media_id: Attr[str] = attr(pattern=MEDIA_ID)
    tag: Attr[str] = attr(pattern=TAG)
    tagged_at: Attr[datetime] = created_at()

    key = key("MEDIA#{media_id}", "TAG#{tag}")
    tag_key = index_key("by_tag", "TAG#{tag}", "{tagged_at}#{media_id}")

    @access
    def of(*, media_id: str) -> None:
        """The tags of an asset."""

    @access(index="by_tag", sort=DESCENDING)
    def with_tag(*, tag: str) -> None:
        """Which assets have a tag, the ones that got it last first."""
