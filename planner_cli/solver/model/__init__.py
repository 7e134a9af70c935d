"""The problem as the solver sees it: line constraints, position types, term classes."""
