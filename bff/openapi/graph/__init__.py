"""From what an API offers to a graph over it: names, types, connectors, and the source that says so."""
