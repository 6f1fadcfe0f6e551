"""An operation's plan: compiled from document and schema, then priced, explained and executed."""
