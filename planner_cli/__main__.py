"""`python -m planner_cli` is `planner`."""

from planner_cli.entry import main

if __name__ == "__main__":
    main()
