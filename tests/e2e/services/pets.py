"""A pet store: pets by status and tag, orders, an inventory, pictures."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel, Field

from gateleg.rest import public

SHOP = public("a shop is open to everyone")
Status = Literal["available", "pending", "sold"]


class NamedThing(BaseModel):
    """A category or a tag."""

    id: int = 0
    name: str


class NewPet(BaseModel):
    """A pet that comes in."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    category: NamedThing | None = None
    photo_urls: Annotated[list[str], Field(alias="photoUrls")] = []
    tags: list[NamedThing] = []
    status: Status = "available"


class Pet(NewPet):
    """A pet that is here."""

    id: int


class Order(BaseModel):
    """A pet that somebody wants."""

    pet_id: Annotated[int, Field(alias="petId")]
    quantity: Annotated[int, Field(ge=1, le=9)] = 1
    complete: bool = False


def made(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:  # noqa: C901 (one app, whose routes are short)
    """The store, as an API of one kind or the other has it; it forgets everything as its process ends."""
    app = resolver(enable_validation=True)
    pets: dict[int, Pet] = {}
    orders: dict[int, Order] = {}
    pet_routes, store_routes = Router(), Router()

    def known(pet_id: int) -> Pet:
        if pet_id not in pets:
            raise NotFoundError(f"no pet {pet_id}")
        return pets[pet_id]

    @pet_routes.post("/", status_code=201)
    @SHOP
    def add(pet: NewPet) -> Pet:
        number = len(pets) + 1
        pets[number] = Pet(id=number, **pet.model_dump(by_alias=True))
        return pets[number]

    @pet_routes.get("/findByStatus")
    @SHOP
    def by_status(status: Annotated[list[Status], Query()]) -> list[Pet]:
        return [pet for pet in pets.values() if pet.status in status]

    @pet_routes.get("/findByTags")
    @SHOP
    def by_tags(tags: Annotated[list[str] | None, Query()] = None) -> list[Pet]:
        return [pet for pet in pets.values() if {tag.name for tag in pet.tags} & set(tags or ())]

    @pet_routes.get("/<pet_id>")
    @SHOP
    def tell(pet_id: Annotated[int, Path(gt=0)]) -> Pet:
        return known(pet_id)

    @pet_routes.put("/<pet_id>")
    @SHOP
    def change(pet_id: int, pet: NewPet) -> Pet:
        pets[pet_id] = Pet(id=known(pet_id).id, **pet.model_dump(by_alias=True))
        return pets[pet_id]

    @pet_routes.delete("/<pet_id>")
    @SHOP
    def remove(pet_id: int, api_key: Annotated[str, Header(alias="api-key", min_length=3)]) -> Response[None]:
        del pets[known(pet_id).id]
        return Response(204, headers={"X-Removed-By": api_key})

    @store_routes.get("/inventory")
    @SHOP
    def inventory() -> dict[str, int]:
        return dict(Counter(pet.status for pet in pets.values()))

    @store_routes.post("/order")
    @SHOP
    def order(order: Order) -> Response[dict[str, Any]]:
        known(order.pet_id)
        orders[len(orders) + 1] = order
        location = {"Location": f"/store/order/{len(orders)}"}
        return Response(201, content_types.APPLICATION_JSON, {"id": len(orders), **order.model_dump(by_alias=True)}, headers=location)

    @store_routes.get("/order/<order_id>")
    @SHOP
    def told(order_id: Annotated[int, Path(ge=1, le=10)]) -> Order:
        if order_id not in orders:
            raise NotFoundError(f"no order {order_id}")
        return orders[order_id]

    app.include_router(pet_routes, prefix="/pet")
    app.include_router(store_routes, prefix="/store")
    return app


rest = made(APIGatewayRestResolver)
http = made(APIGatewayHttpResolver)
