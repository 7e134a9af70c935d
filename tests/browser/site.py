"""The dashboard as static files: built once, served with the config.json of one project."""

import gzip
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from local_stack import programs

DASHBOARD = Path(__file__).parents[2] / "dashboard"
DIST = DASHBOARD / "dist"


def deno(*arguments: str) -> None:
    """Run Deno in the dashboard's folder; what it says is shown when it fails."""
    command = [str(programs.deno()), *arguments]
    done = subprocess.run(command, cwd=DASHBOARD, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def install() -> None:
    """Fetch the packages of the lock file, unless they are there."""
    if not (DASHBOARD / "node_modules" / "vite").exists():
        deno("install", "--frozen")


def build() -> Path:
    """Bundle the page, unless the built files are newer than every source."""
    install()
    sources = [*DASHBOARD.glob("src/**/*"), *DASHBOARD.glob("*.*")]
    newest = max(path.stat().st_mtime for path in sources if path.is_file())
    index = DIST / "index.html"
    if not index.exists() or index.stat().st_mtime < newest:
        deno("task", "bundle")
    return DIST


def gzipped(path: Path) -> int:
    """Return the size of a file as a static host sends it, in bytes."""
    return len(gzip.compress(path.read_bytes(), 9))


class _Handler(SimpleHTTPRequestHandler):
    """Serves the built files, and config.json beside them."""

    def __init__(self, *arguments: Any, config: bytes, **more: Any) -> None:
        self._config = config
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/config.json":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(self._config)))
        self.end_headers()
        self.wfile.write(self._config)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@contextmanager
def served(folder: Path, supabase_url: str, key: str) -> Iterator[str]:
    """Serve the built page for one project, and yield its address."""
    config = json.dumps({"supabaseUrl": supabase_url, "supabaseKey": key}).encode()
    handler = partial(_Handler, config=config, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
