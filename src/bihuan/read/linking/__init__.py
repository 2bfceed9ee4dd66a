"""linking: statements and commitments that speak of the same indicator or project, and what came of a promise."""
