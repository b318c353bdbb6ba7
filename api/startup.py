"""The start check: `geo`, `layers` and `api` are ours, all three from one folder.

Standard library only, and run before anything of ours is imported: the names are short, and a
foreign package of the same name must be met with a sentence, not with a traceback.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

OURS = ("api", "geo", "layers")


class ForeignPackageError(ImportError):
    """Another package goes by one of our names; `zh` and `en` hold the sentence."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def package_folder(name: str) -> Path | None:
    """Return the folder that `import name` would load, without loading it; None where none is."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def require_own_packages(home: Path | None = None) -> None:
    """Raise `ForeignPackageError` unless `geo`, `layers` and `api` all lie in `home`.

    `home` is the parent of this very package where it is not given. The sentence names the first
    package that lies elsewhere, where it was found and what to do.
    """
    home = (home or Path(__file__).parent.parent).resolve()
    for name in OURS:
        found = package_folder(name)
        if found is None:
            raise ForeignPackageError(
                zh=f"在 {home} 下找不到包 {name}：安装不完整，请重新安装 ouzhi。",
                en=f"The package {name} is missing from {home}: install ouzhi again.",
            )
        if found != home / name:
            raise ForeignPackageError(
                zh=f"包 {name} 来自 {found}，而不是 {home}：请在瓯址自己的虚拟环境中运行。",
                en=f"The package {name} comes from {found}, not from {home}:"
                " run ouzhi from its own virtual environment.",
            )
