"""The routes that read, which run in each region that has a copy of the table."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel

from gateleg.errors import ItemNotFoundError
from gateleg.model import Page
from gateleg.rest import handle_errors, uses
from gateleg.store import Store
from lambdas.media.model import MEDIA, MEDIA_ID, TAG, Asset, Tagged, Version

app = APIGatewayRestResolver(enable_validation=True)
store = Store(MEDIA)
handle_errors(app)
app.configure_openapi(title="Media", version="1.0.0")

Limit = Annotated[int, Query(ge=1, le=100)]
MediaId = Annotated[str, Path(pattern=MEDIA_ID)]
NEWEST = 10


class Known(BaseModel):
    """All that is known of an asset, but for its older versions."""

    asset: Asset
    tags: list[str]
    versions: list[Version]


@app.get("/media/<media_id>")
@uses(Asset.of, Version.of, Tagged.of)
def known(media_id: MediaId) -> Known:
    """An asset with its tags and newest versions, by two queries; 404 if there is none."""
    found = list(store.collect(Asset.of(media_id=media_id), Tagged.of(media_id=media_id)))
    asset = next((one for one in found if isinstance(one, Asset)), None)
    if asset is None:
        raise ItemNotFoundError(f"there is no asset {media_id}", path=media_id)
    newest = list(store.query(Version.of(media_id=media_id).limit(NEWEST)))
    return Known(asset=asset, tags=[one.tag for one in found if isinstance(one, Tagged)], versions=newest)


@app.get("/media/<media_id>/versions")
@uses(Version.of)
def versions(media_id: MediaId, limit: Limit = 25, cursor: str | None = None) -> Page[Version]:
    """The versions of an asset, the newest first."""
    return store.page(Version.of(media_id=media_id), limit=limit, cursor=cursor)


@app.get("/tags/<tag>/media")
@uses(Tagged.with_tag)
def with_tag(tag: Annotated[str, Path(pattern=TAG)], limit: Limit = 25, cursor: str | None = None) -> Page[Tagged]:
    """Which assets have a tag."""
    return store.page(Tagged.with_tag(tag=tag), limit=limit, cursor=cursor)
