"""OpenAPI documents: read, normalised, and turned into a graph. Knows no plan and runs nothing.

Nothing is imported here: a start from what was kept needs `served` and little else.
"""
