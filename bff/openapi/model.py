"""What an API offers, whatever dialect its document is written in. Knows no dialect, no GraphQL and no connector.

All records are frozen. Each carries `at`, the place it was read from, for messages. Text is "" where nothing is
written. Order is the document's own. `$ref`s of everything but schemas are followed; those of schemas are `Ref`s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bff.openapi.schema import At, Schema, Schemas

Method = Literal["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]
Where = Literal["path", "query", "header", "cookie"]
Style = Literal[
    "matrix", "label", "simple", "form", "spaceDelimited", "pipeDelimited", "tabDelimited", "deepObject"
]  # OpenAPI 3.1.0 4.8.12.2, and Swagger's collectionFormat tsv
Dialect = Literal["2.0", "3.0", "3.1", "3.2"]


@dataclass(frozen=True, slots=True)
class Example:
    """A value that a document shows: of a parameter or of a body."""

    name: str
    value: Any  # JSON
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the API is. `url` has its variables' defaults filled in; it may be relative if the document is a file."""

    url: str
    at: At
    description: str = ""
    template: str = ""  # the URL as written
    variables: tuple[ServerVariable, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerVariable:
    name: str
    default: str
    values: tuple[str, ...] = ()  # all that it may be; (): anything
    description: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to a token (RFC 6749)."""

    kind: Literal["implicit", "password", "clientCredentials", "authorizationCode"]
    scopes: tuple[tuple[str, str], ...]  # scope, its description
    authorization_url: str = ""
    token_url: str = ""
    refresh_url: str = ""


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to say who calls. Swagger's `basic` is `http`."""

    name: str
    kind: Literal["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"]
    at: At
    description: str = ""
    where: Literal["query", "header", "cookie", ""] = ""  # of an apiKey
    parameter: str = ""  # of an apiKey
    scheme: str = ""  # of http, lower case: "bearer", "basic"
    bearer_format: str = ""
    flows: tuple[Flow, ...] = ()
    openid_url: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """A security scheme that a call has to satisfy, with the scopes that it needs."""

    scheme: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the path, the query, a header or a cookie. Its default and examples may also stand in its schema."""

    name: str
    where: Where
    schema: Schema
    at: At
    required: bool = False
    style: Style = "form"
    explode: bool = True
    allow_reserved: bool = False  # the value's :/?#[]@!$&'()*+,;= are sent as they are
    allow_empty: bool = False
    media_type: str = ""  # the value is text of this type ("application/json"); style then means nothing
    description: str = ""
    deprecated: bool = False
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one member of a form or multipart body is written."""

    property: str
    at: At
    content_types: tuple[str, ...] = ()
    style: Style = "form"
    explode: bool = True
    allow_reserved: bool = False
    headers: tuple[Header, ...] = ()
    styled: bool = False  # a style, explode or allowReserved is written, so that contentType counts for nothing


@dataclass(frozen=True, slots=True)
class Media:
    """A body of one media type, in lower case and without parameters ("application/json", "text/*")."""

    type: str
    schema: Schema
    at: At
    encoding: tuple[Encoding, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries. Swagger's formData parameters are the members of one object."""

    content: tuple[Media, ...]
    at: At
    required: bool = False
    description: str = ""
    name: str = ""  # of Swagger's body parameter, of 3.x's x-body-name, of the component


@dataclass(frozen=True, slots=True)
class Header:
    """A header of an answer or of a part of a body."""

    name: str
    schema: Schema
    at: At
    required: bool = False
    explode: bool = False
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A call that an answer makes possible (OpenAPI 3.1.0 4.8.20)."""

    name: str
    operation: str  # Operation.key; "" where it could not be found, which the report says
    at: At
    parameters: tuple[
        tuple[str, Any], ...
    ] = ()  # name, or "query.name"; a run-time expression "$response.body#/id" or a value
    body: Any = None  # likewise
    description: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `status` is "200", a range "2XX", or "default". No `content`: no body is spoken of."""

    status: str
    at: At
    description: str = ""
    content: tuple[Media, ...] = ()
    headers: tuple[Header, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path."""

    method: Method
    path: str  # "/pets/{petId}"
    at: At
    operation_id: str = ""
    tags: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()  # the path's own among them, none twice
    body: Body | None = None
    responses: tuple[Response, ...] = ()
    security: tuple[
        tuple[Need, ...], ...
    ] = ()  # any of these; each: all of those. (): nothing is needed; ((), …): optional
    servers: tuple[Server, ...] = ()  # its own, where it has some; else the document's
    extensions: tuple[tuple[str, Any], ...] = ()  # its x-… members, JSON

    @property
    def key(self) -> str:
        """What no two operations of a document share: "GET /pets/{petId}"."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read."""

    name: str  # as named or found: a path or a URL
    digest: str  # SHA-256 of its bytes, hexadecimal
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Document:
    """One API. `sources` are its own document first, then those that it refers to."""

    title: str
    version: str
    dialect: Dialect
    at: At
    operations: tuple[Operation, ...]
    schemas: Schemas = field(compare=False, repr=False)
    description: str = ""
    servers: tuple[Server, ...] = ()
    security_schemes: tuple[SecurityScheme, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()  # name, description
    sources: tuple[Source, ...] = ()

    @property
    def digest(self) -> str:
        """Changes when any byte of any of its documents does."""
        return "-".join(source.digest[:16] for source in self.sources)
