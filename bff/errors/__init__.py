"""Every error the gateway can answer with: a closed tree, one module for each part of docs/errors.md.

Each class carries the GraphQL `extensions.code`, the HTTP status of an answer that holds nothing else, and whose fault
it is. Foreign exceptions (aiohttp, msgspec, graphql-core) are mapped to these once, where they enter. A message never
holds an internal URL, a header, a stack or what a service answered: `str(error)` is what a client may read.
"""

from bff.errors.client import (
    AmbiguousRequest,
    BadRequest,
    BadUserInput,
    ClientError,
    DocumentInvalid,
    DocumentUnparsable,
    Forbidden,
    HeadersTooLarge,
    MethodNotAllowed,
    NotAcceptable,
    OperationNotFound,
    OperationTooComplex,
    OperationTooExpensive,
    QuotaExceeded,
    RequestTimeout,
    RequestTooLarge,
    RouteNotFound,
    TargetTooLong,
    TooManyAtOnce,
    Unauthenticated,
    UnsafePath,
    UnsupportedMediaType,
)
from bff.errors.error import (
    BffError,
    Fault,
)
from bff.errors.gateway import (
    InternalError,
    OperationAbandoned,
    OperationTimeout,
    ProxyLoop,
    ResolverError,
)
from bff.errors.start import (
    Problem,
    StartRefused,
)
from bff.errors.upstream import (
    ListTooLong,
    NullValue,
    UpstreamError,
    UpstreamMalformed,
    UpstreamOverloaded,
    UpstreamRefused,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    ValueMalformed,
)

__all__ = [
    "AmbiguousRequest",
    "BadRequest",
    "BadUserInput",
    "BffError",
    "ClientError",
    "DocumentInvalid",
    "DocumentUnparsable",
    "Fault",
    "Forbidden",
    "HeadersTooLarge",
    "InternalError",
    "ListTooLong",
    "MethodNotAllowed",
    "NotAcceptable",
    "NullValue",
    "OperationAbandoned",
    "OperationNotFound",
    "OperationTimeout",
    "OperationTooComplex",
    "OperationTooExpensive",
    "Problem",
    "ProxyLoop",
    "QuotaExceeded",
    "RequestTimeout",
    "RequestTooLarge",
    "ResolverError",
    "RouteNotFound",
    "StartRefused",
    "TargetTooLong",
    "TooManyAtOnce",
    "Unauthenticated",
    "UnsafePath",
    "UnsupportedMediaType",
    "UpstreamError",
    "UpstreamMalformed",
    "UpstreamOverloaded",
    "UpstreamRefused",
    "UpstreamStatus",
    "UpstreamTimeout",
    "UpstreamTooLarge",
    "UpstreamUnreachable",
    "ValueMalformed",
]
