"""A router of the wide app."""
# pyright: basic
# (Powertools' own decorators are only partly typed)

from aws_lambda_powertools.event_handler.api_gateway import Router

router = Router()  # type: ignore[no-untyped-call]  # Powertools has no types here


@router.get("/")
def list_items() -> list[str]:
    return []


@router.get("/<item_id>")
def get_item(item_id: str) -> str:
    return item_id
