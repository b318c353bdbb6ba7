"""A stand-alone map of the suitability surface and the zones on it: one file, opens offline."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Figure
from folium.map import CustomPane
from folium.raster_layers import ImageOverlay

from api import palette
from api.boundaries import describe_boundaries
from api.leaflet import Box, OfflineMap, Verbatim, escape_value
from api.marks import Feature, Marks
from api.reports.picture import CLEAR, Indices, data_address, level_colours, picture_indices, png_of
from geo.crs import STORAGE_CRS
from geo.measure import transformer
from geo.sentence import Lang, Sentence
from geo.suitability import Grid
from geo.zone_plan import Ground, Site, ZonePlan
from geo.zone_plan.odds import ZoneOdds
from layers import cautions

_MERCATOR = "EPSG:3857"
_SIMPLIFIED_DEGREES = 0.0005
_DECIMALS = 1e-7
_ROWS_AT_ONCE = 256
_PANES = {"land": 250, "surface": 300}
"""Below the pane of outlines, 400."""

_LAND = {"stroke": False, "fillColor": palette.LAND, "fillOpacity": 1}
_CASING = {"color": "#fff", "weight": 6, "opacity": 0.85, "fillOpacity": 0}
_LINE = {"color": palette.INK, "weight": 1, "opacity": 0.6, "fill": False}

_TITLE = Sentence("瓯址：适宜性与范围", "Ouzhi: suitability and zones")
_SURFACE = Sentence("适宜性", "Suitability")
_DISTRICTS = Sentence("县（市、区）界", "Districts")
_TOWNS = Sentence("镇街中心", "Town centres")
_BEST = Sentence("最好的范围", "The best zone")
_BESIDE = Sentence("次好与其他范围", "The next best, and others")
_ODDS = Sentence("选入频率", "Share of the draws")
_SHARE = Sentence("{share:.0%} 以上：{mu:,.1f} 亩", "{share:.0%} or more: {mu:,.1f} mu")
_AREA = Sentence("{mu:,.2f} 亩（{ha:,.2f} 公顷）", "{mu:,.2f} mu ({ha:,.2f} ha)")
_SUITS = Sentence("平均适宜性 {value:.3f}", "mean suitability {value:.3f}")
_SKETCH = Sentence("示意，不是界址", "a sketch, no survey")


def build_zone_map(
    ground: Ground,
    layers: Mapping[str, gpd.GeoDataFrame],
    plan: ZonePlan | None = None,
    *,
    lang: Lang,
) -> folium.Map:
    """Draw the surface with districts and town centres, and a plan's zones and odds if given.

    Each pixel has the colour of the cell in which its middle lies, by the whole levels and weights
    of the screen. Web Mercator, for display only. No tile is asked for; rendering (by
    `api.maps.map_page`) raises `MapError` where the workbench was not built.
    """
    drawn = OfflineMap(tiles=None, zoom_snap=0.25, font_size="13px")
    drawn.page_language = "zh-CN" if lang == "zh" else "en"
    figure = drawn.get_root()
    assert isinstance(figure, Figure)
    figure.header.add_child(Verbatim(f"<title>{_TITLE.of(lang)}</title><style>{_STYLE}</style>"))
    districts = layers["districts"]
    for pane, level in _PANES.items():
        CustomPane(pane, z_index=level).add_to(drawn)
    Marks(_districts(districts, lang, _LAND), name="land", control=False, pane="land").add_to(drawn)
    address, bounds = surface_picture(ground, plan)
    shown: dict[str, Any] = {"pixelated": True, "interactive": False, "pane": "surface"}
    ImageOverlay(address, bounds, name=_SURFACE.of(lang), **shown).add_to(drawn)
    Marks(_districts(districts, lang, _LINE), name=_DISTRICTS.of(lang)).add_to(drawn)
    if plan is not None and plan.odds is not None:
        Marks(_bands(plan.odds, lang), name=_ODDS.of(lang)).add_to(drawn)
    towns = layers.get("towns")
    if towns is not None and not towns.empty:
        Marks(_towns(towns, lang), name=_TOWNS.of(lang)).add_to(drawn)
    zones = [] if plan is None else _zones(plan, lang)
    for title, best in ((_BESIDE, False), (_BEST, True)):
        outlines = [one for is_best, one in zones if is_best is best]
        if outlines:
            Marks(outlines, name=title.of(lang)).add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    drawn.add_child(Box(_box(layers, plan, lang)))
    west, south, east, north = _window(districts, plan)
    drawn.fit_bounds([[south, west], [north, east]])
    return drawn


def surface_picture(ground: Ground, plan: ZonePlan | None = None) -> tuple[str, list[list[float]]]:
    """The surface in Web Mercator, as an address that holds it, and its corners in degrees.

    Corners are [[south, west], [north, east]]. Pixels are as wide as cells at the middle latitude.
    """
    cut_offs = None if plan is None else plan.question.cut_offs
    cells, grid = picture_indices(ground, cut_offs), ground.surface.grid
    west, south, east, north = _mercator_bounds(grid)
    lat = transformer(_MERCATOR, STORAGE_CRS).transform(west, (south + north) / 2.0)[1]
    side = grid.cell_m / float(np.cos(np.radians(lat)))
    columns, rows = ceil((east - west) / side), ceil((north - south) / side)
    x = west + (np.arange(columns) + 0.5) * side
    y = north - (np.arange(rows) + 0.5) * side
    picture = np.concatenate(
        [_shown(cells, grid, x, y[k : k + _ROWS_AT_ONCE]) for k in range(0, rows, _ROWS_AT_ONCE)]
    )
    back = transformer(_MERCATOR, STORAGE_CRS).transform
    lon, lats = back([west, west + columns * side], [north - rows * side, north])
    corners = [[float(lats[0]), float(lon[0])], [float(lats[1]), float(lon[1])]]
    return data_address(png_of(picture, level_colours(), [0])), corners


def _mercator_bounds(grid: Grid) -> tuple[float, float, float, float]:
    west, south, east, north = grid.bounds_m
    ring = shapely.segmentize(shapely.box(west, south, east, north), grid.cell_m * 16.0)
    xy = shapely.get_coordinates(ring)
    x, y = transformer(grid.crs, _MERCATOR).transform(xy[:, 0], xy[:, 1])
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _shown(cells: Indices, grid: Grid, x: Any, y: Any) -> Indices:
    """The cells that the middles of some rows of pixels lie in, clear outside the grid."""
    east, north = transformer(_MERCATOR, grid.crs).transform(*np.meshgrid(x, y))
    column = np.floor((east - grid.west_m) / grid.cell_m).astype(np.int64)
    row = np.floor((grid.north_m - north) / grid.cell_m).astype(np.int64)
    inside = (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
    found: Indices = np.full(inside.shape, CLEAR, dtype=np.uint8)
    found[inside] = cells[row[inside], column[inside]]
    return found


def _name(row: Mapping[str, Any], lang: Lang) -> str:
    english = row["name_en"]
    return str(english if lang == "en" and pd.notna(english) and english else row["name_zh"])


def _shape(geometry: Any) -> dict[str, Any]:
    shape: dict[str, Any] = shapely.geometry.mapping(shapely.set_precision(geometry, _DECIMALS))
    return shape


def _districts(frame: gpd.GeoDataFrame, lang: Lang, look: dict[str, object]) -> list[Feature]:
    return [
        {
            "geometry": _shape(shapely.simplify(row["geometry"], _SIMPLIFIED_DEGREES)),
            "look": look,
            "tip": escape_value(_name(row, lang)),
        }
        for row in frame.to_dict("records")
    ]


def _towns(frame: gpd.GeoDataFrame, lang: Lang) -> list[Feature]:
    icon = {"html": "", "className": "ouzhi-town", "iconSize": [5, 5]}
    unit = "米" if lang == "zh" else "m"
    return [
        {
            "geometry": _shape(row["geometry"]),
            "icon": icon,
            "tip": escape_value(f"{_name(row, lang)} ±{row['accuracy_m']:,.0f} {unit}"),
        }
        for row in frame.to_dict("records")
    ]


def _zones(plan: ZonePlan, lang: Lang) -> list[tuple[bool, Feature]]:
    """Outlines of a plan's zones: whether each is part of the answer, and how it is drawn."""
    beside = [] if plan.runner_up is None else [plan.runner_up]
    answer = [] if plan.site is None else [plan.site, *(site for _, site in plan.further)]
    others = [site for _, site in (*beside, *plan.alternatives)]
    line = {"color": palette.SELECT, "weight": 3, "fillOpacity": 0}
    dashed = {**line, "weight": 2.5, "dashArray": "7 5"}
    return [
        (best, {"geometry": _shape(site.geometry), "look": how, "tip": _tip(site, lang)})
        for best, sites, look in ((True, answer, line), (False, others, dashed))
        for site in sites
        for how in (_CASING, look)
    ]


def _bands(odds: ZoneOdds, lang: Lang) -> list[Feature]:
    """Where a zone lies in so great a share of the draws, the least share below."""
    return [
        {
            "geometry": _shape(band.geometry),
            "look": {
                "stroke": False,
                "fillColor": palette.BANDS[k % len(palette.BANDS)],
                "fillOpacity": 0.9,
            },
            "tip": escape_value(_SHARE.of(lang).format(share=band.share, mu=band.area_mu)),
        }
        for k, band in enumerate(odds.bands)
        if not band.geometry.is_empty
    ]


def _tip(site: Site, lang: Lang) -> str:
    lines = [
        _AREA.of(lang).format(mu=site.area_mu, ha=site.area_m2 / 1e4),
        _SUITS.of(lang).format(value=site.suitability),
        *(bound.sentence.of(lang) for bound in site.bounds),
        _SKETCH.of(lang),
    ]
    return "<br>".join(escape_value(one) for one in lines)


def _window(districts: gpd.GeoDataFrame, plan: ZonePlan | None) -> tuple[float, ...]:
    """What the map opens on: the best zone with what lies around it, else the districts."""
    if plan is None or plan.site is None:
        return tuple(float(edge) for edge in districts.total_bounds)
    west, south, east, north = plan.site.geometry.bounds
    wide, high = 2.0 * (east - west), 2.0 * (north - south)
    return west - wide, south - high, east + wide, north + high


def _box(layers: Mapping[str, gpd.GeoDataFrame], plan: ZonePlan | None, lang: Lang) -> str:
    """The heading, the colours, what was found, and where the boundaries are from, escaped."""
    lines = []
    heading = cautions.heading(layers)
    if heading is not None:
        lines.append(f"<p><b>{escape_value(heading.of(lang))}</b></p>")
    stops = ",".join(palette.ramp(i / 5) for i in range(6))
    bar = f'<i style="background:linear-gradient(90deg,{stops})"></i>'
    lines.append(f"<p>{_SURFACE.of(lang)} 0{bar}1</p>")
    if plan is not None and plan.site is not None:
        lines.append(f"<p>{_BEST.of(lang)}<br>{_tip(plan.site, lang)}</p>")
    sources = sorted(set(layers["districts"]["boundaries"].dropna().astype(str)))
    words = "; ".join(describe_boundaries(source).of(lang) for source in sources)
    label = "界线：" if lang == "zh" else "Boundaries: "
    lines.append(f"<small>{label}{escape_value(words)}</small>")
    return "".join(lines)


_STYLE = (
    ".folium-map.leaflet-container{background:#e7ecec;font:13px/1.45 "
    "'Helvetica Neue',Arial,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    ".ouzhi-box{max-width:290px;font-size:12px;background:#fff;padding:8px 12px;border-radius:4px;"
    "box-shadow:0 1px 5px rgb(0 0 0/25%)}"
    ".ouzhi-box b{color:#a32a1c}.ouzhi-box p{margin:0 0 4px}.ouzhi-box small{color:#55615f}"
    ".ouzhi-box i{display:inline-block;height:9px;width:90px;vertical-align:middle;margin:0 5px}"
    ".ouzhi-town{background:#23302f;border:1px solid #fff;border-radius:50%}"
)
