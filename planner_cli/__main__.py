"""`python -m planner_cli` is `planner`."""

from planner_cli.cli import main

if __name__ == "__main__":
    main()
