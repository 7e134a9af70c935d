"""Price-and-branch: what is feasible, the best floor, and the best set found on the way."""
