"""`python -m api.models [FOLDER]` writes the JSON Schemas, by default into `docs/schemas`."""

from __future__ import annotations

import sys
from pathlib import Path

from api.models import schema_texts

_DOCS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def write_schemas(folder: Path) -> None:
    """Write every schema to its file, and remove files of shapes that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = schema_texts()
    for old in set(folder.glob("*.json")) - {folder / name for name in texts}:
        old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]) if len(sys.argv) > 1 else _DOCS)
