"""Both engines, as the store's tests have them."""

from tests.integration.store.conftest import engine, make_store

__all__ = ["engine", "make_store"]
