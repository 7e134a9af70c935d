"""The planner: whole sets of job lines for junior doctors, legal, fair and proven close to the best."""
