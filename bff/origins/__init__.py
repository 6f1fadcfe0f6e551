"""Pages of other origins, in browsers: what they may read, what is refused them, and where they may connect."""
