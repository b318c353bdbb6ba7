"""Marks on an offline map: features with icons, tooltips and popups of escaped HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jinja2
from branca.element import MacroElement
from folium.map import Layer

Feature = dict[str, Any]
Corner = Literal["topleft", "topright", "bottomleft", "bottomright"]


class Marks(Layer):
    """A layer of GeoJSON features, each with how it looks and what it says.

    Beside `geometry` a feature has `look` (path options) or `icon` (options of `L.divIcon`, HTML
    included), and may have `tip`, `popup` and `tag` (a label that stays): HTML whose values have
    been escaped. A point is a button that the keyboard reaches; one without `popup` is no target.
    Shapes lie in the map's `pane` of that name, by default above pictures.
    """

    _template = jinja2.Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = (function (map) {
        var wide = map.getSize().x > {{ 2 * this.panel_px }};
        var beside = wide ? [{{ this.panel_px }}, 20] : [5, 5];
        return L.geoJSON({{ this.features|tojson }}, {
            {% if this.pane %}pane: {{ this.pane|tojson }},{% endif %}
            style: function (feature) { return feature.look; },
            pointToLayer: function (feature, at) {
                return L.marker(at, {
                    icon: L.divIcon(feature.icon),
                    interactive: "popup" in feature,
                    keyboard: "popup" in feature,
                    riseOnHover: true,
                    zIndexOffset: feature.rise || 0
                });
            },
            onEachFeature: function (feature, layer) {
                if ("tag" in feature) {
                    layer.bindTooltip(feature.tag, {permanent: true, direction: feature.side,
                        offset: [0, feature.side === "top" ? -10 : 10],
                        className: "ouzhi-tag"});
                } else if ("tip" in feature) {
                    layer.bindTooltip(feature.tip);
                }
                if ("popup" in feature) {
                    layer.bindPopup(feature.popup, {maxWidth: 340, autoPanPaddingTopLeft: beside});
                }
            }
        });
        })({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        features: Sequence[Feature],
        *,
        name: str,
        control: bool = True,
        panel_px: int = 0,
        pane: str | None = None,
    ) -> None:
        super().__init__(name=name, overlay=True, control=control, show=True)
        self._name = "Marks"
        self.panel_px, self.pane = panel_px, pane
        self.features = {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, **one} for one in features],
        }


class Panel(MacroElement):
    """A box in a corner; `content` is HTML whose values have been escaped."""

    _template = jinja2.Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
            var panel = L.control({position: {{ this.corner|tojson }}});
            panel.onAdd = function () {
                var div = L.DomUtil.create("div", {{ this.style|tojson }});
                div.innerHTML = {{ this.content|tojson }};
                L.DomEvent.disableClickPropagation(div);
                L.DomEvent.disableScrollPropagation(div);
                return div;
            };
            panel.addTo({{ this._parent.get_name() }});
        })();
        {% endmacro %}
        """
    )

    def __init__(self, content: str, *, corner: Corner, style: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Panel"
        self.content, self.corner, self.style = content, corner, style
