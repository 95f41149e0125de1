"""The routes that write, which run in one region: two regions that write one item at the same time would lose one of the writes."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, Field

from gateleg.errors import ItemExistsError, TransactionCanceledError
from gateleg.rest import handle_errors, uses
from gateleg.store import Store
from lambdas.media.model import MEDIA, MEDIA_ID, SHA256, TAG, Asset, Tagged, Version
from lambdas.media.versions import add

app = APIGatewayRestResolver(enable_validation=True)
store = Store(MEDIA)
handle_errors(app)

MediaId = Annotated[str, Path(pattern=MEDIA_ID)]
Tag = Annotated[str, Path(pattern=TAG)]


class NewAsset(BaseModel):
    """What an asset is."""

    title: str = Field(min_length=1, max_length=200)
    media_type: str = Field(pattern=r"^(audio|image|video)/[a-z0-9.+-]+$")


class File(BaseModel):
    """The bytes of a version, and where they are."""

    sha256: str = Field(pattern=SHA256)
    size: int = Field(ge=0)
    location: str = Field(min_length=1, max_length=1_024)


@app.put("/media/<media_id>")
@uses(Asset.create)
def come(media_id: MediaId, asset: NewAsset) -> Asset:
    """Write down an asset, which has no version yet; 409 if there is one of that id."""
    return store.create(Asset(media_id=media_id, title=asset.title, media_type=asset.media_type))


@app.put("/media/<media_id>/versions/<number>")
@uses(Asset.update, Version.create)
def new_version(media_id: MediaId, number: Annotated[int, Path(ge=1, le=999_999)], file: File) -> Version:
    """Add the next version; 409 if somebody else added one of that number, 404 if there is no such asset."""
    return add(store, Version(media_id=media_id, number=number, sha256=file.sha256, size=file.size, location=file.location))


@app.put("/media/<media_id>/tags/<tag>")
@uses(Asset.check, Tagged.create)
def tag(media_id: MediaId, tag: Tag) -> None:
    """Tag an asset; nothing changes if it has the tag. 404 if there is no such asset."""
    try:
        with store.transact() as transaction:
            transaction.check(Asset.key(media_id=media_id))
            transaction.create(Tagged(media_id=media_id, tag=tag))
    except TransactionCanceledError as canceled:
        if canceled.reasons[0] is not None or not isinstance(canceled.reasons[1], ItemExistsError):
            raise


@app.delete("/media/<media_id>/tags/<tag>")
@uses(Tagged.delete)
def untag(media_id: MediaId, tag: Tag) -> None:
    """Take a tag off an asset; 404 if it does not have it."""
    store.delete(Tagged.key(media_id=media_id, tag=tag))
