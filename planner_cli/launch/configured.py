"""The launcher that the environment names."""

from planner_cli.errors import ConfigurationError
from planner_cli.launch.contract import Launcher
from planner_cli.launch.settings import LaunchSettings


def open_launcher(settings: LaunchSettings) -> Launcher | None:
    """Return the configured launcher; nothing is called yet, and only what it needs is imported.

    Returns
    -------
    Launcher or None
        None where none is configured: runs are then launched by somebody else.

    Raises
    ------
    ConfigurationError
        A setting or a package of the chosen launcher is missing.
    """
    timeout_seconds = settings.launch_timeout_seconds
    match settings.launcher:
        case "none":
            return None
        case "cloud-run":
            return _cloud_run(settings)
        case "webhook":
            from planner_cli.launch.webhook import WebhookLauncher  # noqa: PLC0415

            url = _given(settings.webhook_url, "PLANNER_WEBHOOK_URL")
            return WebhookLauncher(url, settings.webhook_secret, timeout_seconds=timeout_seconds)
        case "process":
            from planner_cli.launch.process import ProcessLauncher  # noqa: PLC0415

            return ProcessLauncher()
        case "docker":
            from planner_cli.launch.container import ContainerLauncher  # noqa: PLC0415

            image = _given(settings.docker_image, "PLANNER_DOCKER_IMAGE")
            return ContainerLauncher(image, timeout_seconds=timeout_seconds)


def _cloud_run(settings: LaunchSettings) -> Launcher:
    from planner_cli.launch.cloud_run import CloudRunLauncher  # noqa: PLC0415
    from planner_cli.launch.google_token import GoogleTokens  # noqa: PLC0415

    return CloudRunLauncher(
        _given(settings.cloud_run_job, "PLANNER_CLOUD_RUN_JOB"),
        settings.cloud_run_url,
        GoogleTokens(settings.google_key),
        timeout_seconds=settings.launch_timeout_seconds,
    )


def _given(value: str | None, name: str) -> str:
    if value is None:
        raise ConfigurationError(f"{name} is not set.", "See docs/launching.md.")
    return value
