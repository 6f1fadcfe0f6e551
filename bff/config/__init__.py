"""Configuration: a file becomes frozen settings, or a list of every mistake in it with line and column."""

from bff.config.load import load, parse
from bff.config.model import Config, GraphQL, Limits, Listen, Queue, Upstream
from bff.config.schema import json_schema

__all__ = ["Config", "GraphQL", "Limits", "Listen", "Queue", "Upstream", "json_schema", "load", "parse"]
