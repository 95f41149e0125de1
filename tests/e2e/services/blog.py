"""A blog that several people write: users with tokens, articles, comments, favourites, tags; everything wrapped in its name."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Depends, Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, NotFoundError, UnauthorizedError
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateleg.rest import public

READ = public("the blog checks its own tokens")


class Camel(BaseModel):
    """What is written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class NewUser(Camel):
    """Who signs up."""

    username: Annotated[str, Field(pattern=r"^[a-z0-9_-]{2,20}$")]
    email: Annotated[str, Field(pattern=r"^[^@ ]+@[^@ ]+$")]
    password: Annotated[str, Field(min_length=4)]


class User(Camel):
    """Who signed up."""

    username: str
    email: str
    token: str
    bio: str | None = None
    image: str | None = None


class NewArticle(Camel):
    """What somebody writes."""

    title: Annotated[str, Field(min_length=1)]
    description: str
    body: str
    tag_list: list[str] = []


class Article(NewArticle):
    """What somebody wrote."""

    slug: str
    author: str
    favorited: bool = False
    favorites_count: int = 0


class Changes(Camel):
    """What of an article is to be otherwise."""

    title: str | None = None
    description: str | None = None
    body: str | None = None


class TakenError(Exception):
    """A name that somebody has already."""


def token(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """The name that a token says, if there is one."""
    found = re.fullmatch(r"Token token-of-(.+)", authorization or "")
    return found[1] if found else None


def made(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:  # noqa: C901, PLR0915 (one app, whose routes are short)
    """The blog, as an API of one kind or the other has it; it forgets everything as its process ends."""
    app = resolver(enable_validation=True)
    users: dict[str, NewUser] = {}
    articles: dict[str, Article] = {}
    fans: dict[str, set[str]] = {}
    comments: dict[str, dict[int, dict[str, Any]]] = {}

    def signed_in(name: Annotated[str | None, Depends(token)]) -> str:
        if name is None or name not in users:
            raise UnauthorizedError("missing or unknown token")
        return name

    Who = Annotated[str, Depends(signed_in)]  # noqa: N806 (a type)
    Reader = Annotated[str | None, Depends(token)]  # noqa: N806 (a type)

    def told(article: Article, reader: str | None) -> dict[str, Any]:
        liked = fans.get(article.slug, set())
        return article.model_copy(update={"favorited": reader in liked, "favorites_count": len(liked)}).model_dump(by_alias=True)

    def known(slug: str, author: str | None = None) -> Article:
        if slug not in articles:
            raise NotFoundError(f"no article {slug!r}")
        if author not in {None, articles[slug].author}:
            raise ForbiddenError("not yours")
        return articles[slug]

    @app.exception_handler(TakenError)
    def taken(error: TakenError) -> Response[dict[str, Any]]:
        return Response(409, content_types.APPLICATION_JSON, {"errors": {str(error): ["is taken"]}})

    @app.post("/api/users", status_code=201)
    @READ
    def sign_up(user: Annotated[NewUser, Body(embed=True)]) -> dict[str, User]:
        if user.username in users:
            raise TakenError("username")
        users[user.username] = user
        return {"user": User(username=user.username, email=user.email, token=f"token-of-{user.username}")}

    @app.get("/api/user")
    @READ
    def me(who: Who) -> dict[str, User]:
        return {"user": User(username=who, email=users[who].email, token=f"token-of-{who}")}

    @app.get("/api/profiles/<username>")
    @READ
    def profile(username: str, reader: Reader) -> dict[str, Any]:
        if username not in users:
            raise NotFoundError("no such profile")
        return {"profile": {"username": username, "you": reader == username}}

    @app.get("/api/articles")
    @READ
    def every(
        reader: Reader,
        tag: str | None = None,
        author: str | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> dict[str, Any]:
        found = [one for one in articles.values() if tag in {None, *one.tag_list} and author in {None, one.author}]
        return {"articles": [told(one, reader) for one in found[offset : offset + limit]], "articlesCount": len(found)}

    @app.get("/api/articles/feed")
    @READ
    def feed(who: Who) -> dict[str, Any]:
        return {"articles": [told(one, who) for one in articles.values() if one.author != who], "articlesCount": 0}

    @app.post("/api/articles", status_code=201)
    @READ
    def write(who: Who, article: Annotated[NewArticle, Body(embed=True)]) -> dict[str, Any]:
        slug = "-".join(re.findall(r"[a-z0-9]+", article.title.lower())) or "untitled"
        if slug in articles:
            raise TakenError("title")
        articles[slug] = Article(slug=slug, author=who, **article.model_dump())
        return {"article": told(articles[slug], who)}

    @app.get("/api/articles/<slug>")
    @READ
    def read(slug: str, reader: Reader) -> dict[str, Any]:
        return {"article": told(known(slug), reader)}

    @app.put("/api/articles/<slug>")
    @READ
    def change(slug: str, who: Who, article: Annotated[Changes, Body(embed=True)]) -> dict[str, Any]:
        articles[slug] = known(slug, who).model_copy(update=article.model_dump(exclude_none=True))
        return {"article": told(articles[slug], who)}

    @app.delete("/api/articles/<slug>", status_code=204)
    @READ
    def remove(slug: str, who: Who) -> None:
        del articles[known(slug, who).slug]

    @app.post("/api/articles/<slug>/favorite")
    @READ
    def like(slug: str, who: Who) -> dict[str, Any]:
        fans.setdefault(known(slug).slug, set()).add(who)
        return {"article": told(known(slug), who)}

    @app.post("/api/articles/<slug>/comments", status_code=201)
    @READ
    def comment(slug: str, who: Who, body: Annotated[str, Body(embed=True, min_length=1)]) -> dict[str, Any]:
        said = comments.setdefault(known(slug).slug, {})
        said[len(said) + 1] = {"id": len(said) + 1, "author": who, "body": body}
        return {"comment": said[len(said)]}

    @app.get("/api/articles/<slug>/comments")
    @READ
    def said(slug: str) -> dict[str, Any]:
        return {"comments": list(comments.get(known(slug).slug, {}).values())}

    @app.delete("/api/articles/<slug>/comments/<number>", status_code=204)
    @READ
    def unsay(slug: str, number: int, who: Who) -> None:
        found = comments.get(known(slug).slug, {}).get(number)
        if found is None or found["author"] != who:
            raise ForbiddenError("not yours")
        del comments[slug][number]

    @app.get("/api/tags")
    @READ
    def tags() -> dict[str, list[str]]:
        return {"tags": sorted({tag for one in articles.values() for tag in one.tag_list})}

    return app


rest = made(APIGatewayRestResolver)
http = made(APIGatewayHttpResolver)
