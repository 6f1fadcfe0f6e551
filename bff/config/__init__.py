"""Configuration: a file becomes frozen settings, or a list of every mistake in it with line and column."""

from bff.config.model import Config, GraphQL, Limits, Listen, Queue, Upstream

__all__ = ["Config", "GraphQL", "Limits", "Listen", "Queue", "Upstream"]
