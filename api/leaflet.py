"""Leaflet inside the page: folium maps that fetch nothing and run no value they are given."""

from __future__ import annotations

import base64
import html
import re
from functools import cache
from pathlib import Path
from typing import Any

import folium
import jinja2
from branca.element import Element, Figure, MacroElement

from api.documents.values import plain
from geo.errors import OuzhiError

LEAFLET = Path(__file__).parent / "web" / "dist" / "vendor" / "leaflet"
"""Leaflet as the bundle of the workbench brings it."""

_SPECIAL = {"`": "&#96;", "$": "&#36;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"}


class MapError(OuzhiError):
    """A map lacks a part it is made of."""


def escape_value(value: object) -> str:
    r"""A value as text that is safe wherever folium puts it; null, NaN and NA become empty.

    HTML is escaped; back-ticks, dollar signs, braces and back-slashes become character references,
    because folium writes texts into JavaScript template literals and Jinja templates, where
    ``${…}``, ``{{…}}`` and ``\x3c`` would be run or undone.
    """
    given = plain(value)
    escaped = "" if given is None else html.escape(str(given), quote=True)
    return "".join(_SPECIAL.get(character, character) for character in escaped)


class Verbatim(Element):
    """A text that is written as it stands: no template engine looks into it."""

    _template = jinja2.Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Box(MacroElement):
    """A scale bar and a box, lower left; `content` is HTML whose values have been escaped."""

    _template = jinja2.Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
            var box = L.control({position: "bottomleft"});
            box.onAdd = function () {
                var div = L.DomUtil.create("div", "ouzhi-box");
                div.innerHTML = {{ this.content|tojson }};
                return div;
            };
            box.addTo({{ this._parent.get_name() }});
            L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});
            {{ this._parent.get_name() }}.attributionControl.setPrefix("Leaflet");
        })();
        {% endmacro %}
        """
    )

    def __init__(self, content: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Box"
        self.content = content


class OfflineMap(folium.Map):
    """A folium map with Leaflet written into the page and nothing else to fetch."""

    page_language = "zh-CN"

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (folium declares it so)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def render(self, **kwargs: Any) -> str:
        """Put style and script into the head; raises `MapError` where the bundle is missing."""
        figure = self.get_root()
        assert isinstance(figure, Figure)
        style, script = leaflet_parts()
        figure.header.add_child(Verbatim(f"<style>{style}</style>"), name="leaflet_style")
        figure.header.add_child(Verbatim(f"<script>{script}</script>"), name="leaflet_script")
        return str(super().render(**kwargs) or "")  # type: ignore[no-untyped-call]


def leaflet_parts() -> tuple[str, str]:
    """Leaflet's style, its images inside, and its script; raises `MapError` where not built."""
    return _read_parts(LEAFLET)


@cache
def _read_parts(folder: Path) -> tuple[str, str]:
    def inline_image(found: re.Match[str]) -> str:
        data = base64.b64encode((folder / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{data})"

    try:
        style = (folder / "leaflet.css").read_text(encoding="utf-8")
        script = (folder / "leaflet.js").read_text(encoding="utf-8")
        style = re.sub(r"url\((images/[\w.-]+)\)", inline_image, style)
    except OSError as error:
        raise MapError(
            "a stand-alone map needs the built workbench, which brings Leaflet: run `make run`, or "
            "`python -m api.bundle` in the source tree",
            "单机地图需要已构建的工作台（其中带有 Leaflet）：请运行 make run，"
            "或在源代码目录执行 python -m api.bundle",
        ) from error
    return style, re.sub(r"//# sourceMappingURL=\S+", "", script)
