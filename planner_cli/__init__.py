"""The planner: whole sets of job lines for junior doctors, legal, fair and proven."""

__version__ = "0.1.0"
