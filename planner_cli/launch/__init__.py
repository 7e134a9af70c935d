"""Starting a runner somewhere for one planner run: the launches of `planner sweep`.

The edge function launches in the same way, from the same variables (`edge-functions/_shared`).
"""

from planner_cli.launch.again import LaunchedAgain, launch_again
from planner_cli.launch.configured import open_launcher
from planner_cli.launch.contract import Launched, Launcher, LaunchFailed
from planner_cli.launch.settings import LaunchSettings

__all__ = [
    "LaunchFailed",
    "LaunchSettings",
    "Launched",
    "LaunchedAgain",
    "Launcher",
    "launch_again",
    "open_launcher",
]
