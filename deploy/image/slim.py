# ruff: noqa: INP001 - a script of the build, beside nothing
"""Take what the planner never uses out of an virtual environment: its own.

Runs once, inside the build of the image. Leaves `share/planner/contents.json` behind: for each
distribution its version and its size before and after, in bytes and without byte code.
"""

import fnmatch
import json
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

#: Distributions that go whole, and why nothing misses them.
DROPPED = {
    "pandas": "OR-Tools names it in annotations only; pandas.py takes its place",
    "python-dateutil": "of pandas",
    "six": "of pandas",
    "tzdata": "of pandas; times are UTC",
    "supabase": "of supabase-py the planner imports postgrest alone",
    "realtime": "of supabase",
    "websockets": "of realtime",
    "storage3": "of supabase",
    "supabase-auth": "of supabase",
    "supabase-functions": "of supabase",
    "pygments": "rich colours source code with it; the planner shows none",
    "markdown-it-py": "rich reads Markdown with it; the planner shows none",
    "mdurl": "of markdown-it-py",
}

#: Folders and files inside the others, as patterns of paths below site-packages.
DROPPED_PARTS = (
    "*/tests",
    "*/test",
    "*/_*_tests.*.so",
    "*.pyi",
    "*.pyx",
    "*.pxd",
    "*.a",
    "*.h",
    "*.hpp",
    "*.c",
    "*.cc",
    "*.proto",
    "bin",
    "include",
    "absl/testing",
    "annotated_types/test_cases.py",
    "anyio/pytest_plugin.py",
    "google/protobuf/testdata",
    "multidict/_testcapi.*.so",
    "numpy/conftest.py",
    "numpy/distutils",
    "numpy/f2py",
    "numpy/testing",
    "numpy/_pyinstaller",
    "numpy/random/_examples",
    "ortools/algorithms",
    "ortools/bop",
    "ortools/constraint_solver",
    "ortools/glop",
    "ortools/init",
    "ortools/linear_solver",
    "ortools/math_opt",
    "ortools/packing",
    "ortools/pdlp",
    "ortools/routing",
    "ortools/scheduling",
    "ortools/service",
    "ortools/set_cover",
    "highspy/include",
    "highspy/lib",
    "pip",
    "setuptools",
)


def main() -> None:
    """Slim the environment that runs this script, and describe what is left."""
    environment = Path(sys.prefix)
    packages = Path(sysconfig.get_path("purelib"))
    found = {name(d): d for d in distributions(path=[str(packages)])}
    versions = {key: d.version for key, d in found.items()}
    before = {key: sum(map(size, files(d, packages))) for key, d in found.items()}
    for key in DROPPED.keys() & found.keys():
        drop_distribution(found[key], packages)
    for path in sorted(parts(packages)):
        remove(path)
    shutil.copy(Path(__file__).with_name("pandas.py"), packages / "pandas.py")
    for path in environment.glob("bin/*"):
        if not path.name.startswith(("planner", "python")):
            remove(path)
    contents = [
        {
            "name": key,
            "version": versions[key],
            "bytes_before": before[key],
            "bytes": sum(map(size, files(distribution, packages))) if key not in DROPPED else 0,
            "dropped_because": DROPPED.get(key),
        }
        for key, distribution in sorted(found.items())
    ]
    share = environment / "share" / "planner"
    share.mkdir(parents=True)
    (share / "contents.json").write_text(json.dumps(contents, indent=1) + "\n")


def name(distribution: Distribution) -> str:
    """Return the name of a distribution as constraints files write it."""
    return str(distribution.metadata["Name"]).lower().replace("_", "-")


def files(distribution: Distribution, packages: Path) -> Iterator[Path]:
    """Yield the files of a distribution that lie in site-packages."""
    for file in distribution.files or ():
        path = packages / file
        if ".." not in file.parts and path.is_file():
            yield path


def size(path: Path) -> int:
    """Return the size of a file in bytes."""
    return path.stat().st_size


def drop_distribution(distribution: Distribution, packages: Path) -> None:
    """Remove a distribution with its metadata, so that no inventory names it."""
    tops = {Path(file).parts[0] for file in distribution.files or () if ".." not in file.parts}
    for top in sorted(tops):
        remove(packages / top)


def parts(packages: Path) -> Iterator[Path]:
    """Yield what matches the patterns, outside of metadata, where the licences are."""
    for path in packages.rglob("*"):
        below = path.relative_to(packages).as_posix()
        if ".dist-info" not in below and any(fnmatch.fnmatch(below, p) for p in DROPPED_PARTS):
            yield path


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is still there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
