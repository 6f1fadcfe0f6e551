"""OpenAPI documents: read, normalised, and turned into a graph. Knows no plan and runs nothing."""

from bff.openapi.source import services, source

__all__ = ["services", "source"]
