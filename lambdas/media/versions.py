"""Adding versions: the version and its number at the asset are one transaction, which may be sent again."""

from __future__ import annotations

from gateleg.errors import ItemExistsError, TransactionCanceledError
from gateleg.store import Store
from lambdas.media.model import Asset, Version


def add(store: Store, version: Version) -> Version:
    """Give an asset its next version; the number says which one it is to follow, so that of two who add one at once only one does.

    What is sent again is the version that there is, if that is of the same bytes.

    Raises:
        TransactionCanceledError: There is no such asset, or its next version has another number.
        StoreError: It may be tried again.
    """
    try:
        with store.transact() as transaction:
            transaction.create(version)
            transaction.update(
                Asset.key(media_id=version.media_id), Asset.latest.set(version.number), when=Asset.latest == version.number - 1
            )
    except TransactionCanceledError as canceled:
        there = canceled.reasons[0]
        if isinstance(there, ItemExistsError) and isinstance(there.item, Version) and there.item.sha256 == version.sha256:
            return there.item
        raise
    return version
