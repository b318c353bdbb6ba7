"""The child's limits on itself, and packages that it does without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

resource = pytest.importorskip("resource", reason="limits of processes are POSIX")

ROOT = Path(__file__).resolve().parent.parent.parent.parent

CODE = """
import resource, sys
sys.path.insert(0, {root!r})
from layers.importers.confinement import allow_memory, confine, do_without
from layers.importers.limits import Limits
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
confine(Limits(seconds=7.5, memory_bytes=3 << 30, unpacked_bytes=9000))
print(*resource.getrlimit(resource.RLIMIT_CPU), *resource.getrlimit(resource.RLIMIT_FSIZE))
print(*resource.getrlimit(resource.RLIMIT_AS), *resource.getrlimit(resource.RLIMIT_CORE))
for size in (1 << 30, 2 << 30, 9 << 30):
    allow_memory(size)
    print(*resource.getrlimit(resource.RLIMIT_AS))
do_without("pandas")
import numpy
try:
    import pandas
except ImportError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere address space has no limit")
def test_limits_are_set_and_never_above_those_that_stand() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(root=str(ROOT))],
        capture_output=True,
        text=True,
        check=True,
    )
    gib = 1 << 30
    assert done.stdout.splitlines() == [
        "8 10 5000 5000",
        f"{3 * gib} {3 * gib} 0 0",
        f"{gib} {3 * gib}",
        f"{2 * gib} {3 * gib}",
        f"{3 * gib} {3 * gib}",
        "pandas is not needed here",
    ]
