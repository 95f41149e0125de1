"""Which web pages may call the API: one declaration for preflight, gateway responses and handlers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import FLAG, TEXT, check, header_name, listing, number
from gateleg.cdk.describing import UNKNOWN, as_described
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateleg.description import App, CorsConfig, Route

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9.\-\[\]:]+")
_DEFAULT_PORT = re.compile(r"https://[^/]*:443$|http://[^/]*:80$")
_MAX_AGE = 86_400
_CREDENTIALS_HEADER = "Access-Control-Allow-Credentials"
_NEED_NO_LEAVE = frozenset({"accept", "accept-language", "content-language"})
_ORIGIN_HEADER = "Access-Control-Allow-Origin"


@dataclass(frozen=True)
class Cors:
    """Cross-origin access, as https://fetch.spec.whatwg.org/#http-cors-protocol has it.

    Preflights are answered by API Gateway itself, without a handler and without an authorizer. The gateway's own errors
    carry the same headers, so that a page can read a 401. With several origins those errors name the first one only,
    because API Gateway cannot choose there. The handlers' responses carry what the handlers set: the functions find the
    declaration in `GATELEG_CORS`, as the arguments of Powertools' `CORSConfig`.

    Args:
        allow_origins: `https://host[:port]` each, or the single `*`; the host may be made by CloudFormation.
        allow_headers: Request headers that pages may send, beside those that need no leave and those that the gateway's authorizers and idempotent routes
            read and handlers declare by `Header()`.
        expose_headers: Response headers that pages may read.
        allow_credentials: Whether cookies and the like may be sent; never with `*`, of origins or headers.
        max_age: For how many seconds a browser may remember the preflight. Where apps say so too the least of them holds, since one preflight answers for all.

    Raises:
        DeclarationError: An argument is not what it must be, or `*` stands with credentials or with other origins.
    """

    allow_origins: tuple[str, ...] | list[str]
    allow_headers: tuple[str, ...] | list[str] = ("Authorization", "Content-Type", "X-Amz-Date", "X-Api-Key", "X-Amz-Security-Token")
    expose_headers: tuple[str, ...] | list[str] = ()
    allow_credentials: bool = False
    max_age: int = 600

    def __post_init__(self) -> None:
        check(
            "Cors",
            allow_origins=(self.allow_origins, listing(TEXT)),
            allow_headers=(self.allow_headers, listing(TEXT)),
            expose_headers=(self.expose_headers, listing(TEXT)),
            allow_credentials=(self.allow_credentials, FLAG),
            max_age=(self.max_age, number(0, _MAX_AGE, int)),
        )
        if not self.allow_origins:
            _refuse("allow_origins", self.allow_origins, "write a list of origins, such as ['https://chat.example.com']")
        for origin in self.allow_origins:
            if origin != "*" and not _is_origin(origin):
                _refuse(
                    "allow_origins",
                    origin,
                    "an origin is scheme, host and port as browsers send them, in lower case and without a path or their scheme's own port: 'https://chat.example.com'",
                )
        if "*" in self.allow_origins and len(self.allow_origins) > 1:
            _refuse("allow_origins", self.allow_origins, "'*' already allows every origin; write it alone or list the origins")
        if "*" in self.allow_origins and self.allow_credentials:
            _refuse("allow_origins", "*", "browsers refuse '*' together with allow_credentials=True; list the origins")
        for name in ("allow_headers", "expose_headers"):
            for header in getattr(self, name):
                if header_name(header) is not None:
                    _refuse(name, header, "a header is named with letters, digits and -, such as 'X-Request-Id'")
                # https://fetch.spec.whatwg.org/#cors-protocol-and-credentials: beside credentials it is the name of a header.
                if header == "*" and self.allow_credentials:
                    _refuse(name, "*", "browsers take '*' for the name of a header where allow_credentials=True; list the headers")

    def environment(self) -> str:
        """The value of `GATELEG_CORS`: the arguments of Powertools' `CORSConfig` as JSON."""
        first, *others = self.allow_origins
        return json.dumps(
            {
                "allow_origin": first,
                "extra_origins": others,
                "allow_headers": list(self.allow_headers),
                "expose_headers": list(self.expose_headers),
                "max_age": self.max_age,
                "allow_credentials": self.allow_credentials,
            },
            separators=(",", ":"),
        )

    def also(self, allow_headers: Iterable[str] = (), expose_headers: Iterable[str] = ()) -> Cors:
        """The same with further headers, whose names are the same in capitals or not.

        Args:
            allow_headers: Request headers.
            expose_headers: Response headers.
        """
        allowed, exposed = _joined(self.allow_headers, allow_headers), _joined(self.expose_headers, expose_headers)
        return replace(self, allow_headers=allowed, expose_headers=exposed)

    def preflight(self, methods: list[str]) -> dict[str, Any]:
        """The `options` operation of a path: a MOCK integration that API Gateway answers itself.

        Args:
            methods: The methods that the path answers.
        """
        headers = self._headers() | {
            "Access-Control-Allow-Methods": ",".join(methods),
            "Access-Control-Allow-Headers": ",".join(self.allow_headers),
            "Access-Control-Max-Age": str(self.max_age),
        }
        response: dict[str, Any] = {
            "statusCode": "204",
            # Where every body is binary, API Gateway would take the preflight's for bytes and find no template for it.
            "contentHandling": "CONVERT_TO_TEXT",
            "responseParameters": {f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()},
        }
        if len(self.allow_origins) > 1:
            response["responseTemplates"] = {"application/json": self._origin_template()}
        return {
            "responses": {"204": {"description": "preflight", "headers": {name: {"schema": {"type": "string"}} for name in headers}}},
            "security": [],
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "contentHandling": "CONVERT_TO_TEXT",
                "requestTemplates": {"application/json": '{"statusCode":204}'},
                "responses": {"default": response},
            },
        }

    def mapped(self, responses: Mapping[str, Any]) -> dict[str, Any]:
        """The `responses` of an integration with the headers that let pages read them.

        Args:
            responses: As an integration object has them.
        """
        headers = {f"method.response.header.{name}": f"'{value}'" for name, value in self._headers().items()}
        origin = self._origin_template() if len(self.allow_origins) > 1 else ""
        return {
            pattern: answer
            | {"responseParameters": {**headers, **answer.get("responseParameters", {})}}
            | {
                name: {media: f"{origin}{template}" for media, template in answer[name].items()}
                for name in ("responseTemplates",)
                if name in answer
            }
            for pattern, answer in responses.items()
        }

    def of_http_api(self, methods: list[str]) -> dict[str, Any]:
        """The cross-origin access of a whole HTTP API, `x-amazon-apigateway-cors`, which goes before what handlers answer.

        Args:
            methods: The methods that the API answers.
        """
        return {
            "allowOrigins": list(self.allow_origins),
            "allowMethods": methods,
            "allowHeaders": list(self.allow_headers),
            "exposeHeaders": list(self.expose_headers),
            "allowCredentials": self.allow_credentials,
            "maxAge": self.max_age,
        }

    def gateway_headers(self) -> dict[str, str]:
        """The headers of the gateway's own errors, as `x-amazon-apigateway-gateway-responses` takes them."""
        return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in self._headers().items()}

    def _headers(self) -> dict[str, str]:
        headers = {_ORIGIN_HEADER: self.allow_origins[0]}
        if len(self.allow_origins) > 1:
            headers["Vary"] = "Origin"
        if self.allow_credentials:
            headers[_CREDENTIALS_HEADER] = "true"
        if self.expose_headers:
            headers["Access-Control-Expose-Headers"] = ",".join(self.expose_headers)
        return headers

    def _origin_template(self) -> str:
        tests = " || ".join(f'$origin == "{origin}"' for origin in self.allow_origins[1:])
        override = f"#set($context.responseOverride.header.{_ORIGIN_HEADER} = $origin)"
        # A name in capitals or not, as HTTP/1.1 and HTTP/2 clients send it; the quiet reference to the other one is empty.
        either = "".join(f"$!input.params().header.get('{name}')" for name in ("Origin", "origin"))
        return f'#set($origin = "{either}")\n#if({tests})\n{override}\n#end'


def agreed(cors: Cors | None, apps: Iterable[App]) -> Cors | None:
    """The cross-origin access of a whole API: what the gateway was given, or else what its apps say themselves.

    The headers that each of them allows and exposes are those of the API, and its preflight is remembered as long as each of them lets: one
    answers for all.

    Raises:
        DeclarationError: The gateway and an app, or two apps, say different things, or an app's origin is known after deployment only.
    """
    said, ages = "the gateway (cors=Cors(...))", [] if cors is None else [cors.max_age]
    for app in apps:
        if app.cors is None:
            continue
        ages += [] if app.cors.max_age is None else [app.cors.max_age]
        if cors is None:
            cors, said = _own(app, app.cors), f"{app.name} (cors=CORSConfig(...))"
        elif (own := _essence(app.cors)) != (agreed_on := _essence(cors)):
            message = (
                f"{said} allows {_told(agreed_on)} and {app.name} (cors=CORSConfig(...)) allows {_told(own)}; browsers would follow the one on some "
                "answers and the other on others: give both the same, or leave the app's out"
            )
            raise DeclarationError(message, path="cors", value=list(app.cors.allow_origins), code="declaration.cors")
        else:
            cors = cors.also(app.cors.allow_headers, app.cors.expose_headers)
    return replace(cors, max_age=min(ages)) if cors is not None and ages else cors


def declared_headers(route: Route) -> list[str]:
    """The request headers that a handler declares to read: pages may send them, but for those that need no leave.

    https://developer.mozilla.org/en-US/docs/Glossary/CORS-safelisted_request_header.

    Args:
        route: The route.
    """
    said = [parameter["name"] for parameter in (route.operation or {}).get("parameters", ()) if parameter["in"] == "header"]
    return [name for name in said if name.lower() not in _NEED_NO_LEAVE]


def _own(app: App, config: CorsConfig) -> Cors:
    """What an app says, as the whole API's."""
    name = f"{app.name} (cors=CORSConfig(...))"
    if unknown := [origin for origin in config.allow_origins if UNKNOWN in origin]:
        message = f"{name} allows {unknown[0]}, from a variable whose value CloudFormation makes; write cors=Cors([...]) with that value for the gateway too"
        raise DeclarationError(message, path="cors", value=unknown[0], code="declaration.cors")
    try:
        return Cors(
            config.allow_origins,
            allow_headers=config.allow_headers,
            expose_headers=config.expose_headers,
            allow_credentials=config.allow_credentials and config.allow_origins != ("*",),
            max_age=600 if config.max_age is None else config.max_age,
        )
    except DeclarationError as error:
        raise DeclarationError(f"{name}: {error.message}", path=error.path, value=error.value, code=error.code) from error


def _joined(known: Sequence[str], more: Iterable[str]) -> tuple[str, ...]:
    """All names, each once. To `*` nothing is added: it was chosen, and what it leaves out is known."""
    names: dict[str, str] = {}
    for name in known if "*" in known else (*known, *more):
        names.setdefault(name.lower(), name)
    return tuple(names.values())


def _is_origin(text: str) -> bool:
    described = as_described(text)
    return (_ORIGIN.fullmatch(described) is not None and not _DEFAULT_PORT.match(described)) or (described != text and described == UNKNOWN)


def _essence(said: Cors | CorsConfig) -> tuple[frozenset[str], bool]:
    """The origins as they are known while handlers are described, and whether credentials may be sent."""
    known = frozenset(map(as_described, said.allow_origins))
    return known, said.allow_credentials and known != frozenset({"*"})


def _told(essence: tuple[frozenset[str], bool]) -> str:
    origins, credentials = essence
    return f"{', '.join(sorted(origins))}{' with credentials' if credentials else ''}"


def _refuse(name: str, value: Any, instead: str) -> None:
    message = f"Cors({name}=...) was given {value!r}: {instead}"
    raise DeclarationError(message, path=f"Cors.{name}", value=value, code="declaration.cors")
