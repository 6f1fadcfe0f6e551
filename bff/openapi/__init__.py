"""OpenAPI documents: read, normalised, and turned into a graph. Knows no plan and runs nothing."""
