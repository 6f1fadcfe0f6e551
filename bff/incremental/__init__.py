"""Answers in parts (@defer, @stream): their shapes for clients, and their way out. Knows no transport."""
