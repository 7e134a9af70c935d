"""Annual leave on lines whose positions are settled."""
