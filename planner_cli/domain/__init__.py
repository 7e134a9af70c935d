"""Pure values and functions: problems, job lines, when a set is legal, what it is worth."""
