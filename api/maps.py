"""Stand-alone maps of a workspace, its ranking and its hub plan: one file that opens offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
import shapely
from branca.element import Figure

from api import palette
from api.boundaries import describe_boundaries
from api.leaflet import Box, OfflineMap, Verbatim, escape_value
from geo.hubs import LocationResult, ReadingResult
from geo.scoring import SitingResult
from geo.sentence import Lang, Sentence
from layers import cautions
from layers.catalog import layer_title

_SIMPLIFIED_DEGREES = 0.0005
_DECIMALS = 1e-6
_PLAIN = "#cfcabb"

Row = Mapping[str, Any] | pd.Series
Facts = dict[Sentence, object]
Feature = dict[str, Any]
Style = dict[str, Any]
Names = Callable[[object], object]


def map_page(drawn: folium.Map) -> str:
    """The whole page of a map, as it is written to a file."""
    page = str(drawn.get_root().render())
    language = getattr(drawn, "page_language", "zh-CN")
    return page.replace("<html>", f'<html lang="{language}">', 1)


def build_map(
    layers: Mapping[str, gpd.GeoDataFrame],
    ranking: SitingResult | None = None,
    hubs: LocationResult | None = None,
    *,
    lang: Lang,
) -> folium.Map:
    """Draw districts, towns, clusters, hubs and zones, with a ranking and a hub plan if given.

    A layer without features is left out. Zones are coloured by their score and dashed, because
    their footprints are indicative; those left out are grey. Web Mercator, for display only. No
    tile is asked for; rendering raises `MapError` where the workbench was not built.
    """
    drawn = OfflineMap(tiles=None, zoom_snap=0.25, font_size="13px")
    drawn.page_language = "zh-CN" if lang == "zh" else "en"
    figure = drawn.get_root()
    assert isinstance(figure, Figure)
    title = Sentence("瓯址地图", "Ouzhi map").of(lang)
    figure.header.add_child(Verbatim(f"<title>{title}</title><style>{_STYLE}</style>"))
    _add(drawn, "districts", _districts(layers["districts"], ranking, lang), lang)
    named = _district_names(layers["districts"], lang)
    for name in ("towns", "clusters", "hubs"):
        _add(drawn, name, _points(name, layers[name], named, lang), lang, show=name != "towns")
    _add(drawn, "zones", _zones(layers["zones"], ranking, named, lang), lang)
    for solved in hubs.readings if hubs else ():
        plan = _plan(hubs, solved, named, lang) if hubs else []
        _add(drawn, solved.reading.title, plan, lang, show=ranking is None)
    folium.LayerControl(collapsed=False).add_to(drawn)
    drawn.add_child(Box(_box(layers, ranking, lang)))
    west, south, east, north = (float(edge) for edge in layers["districts"].total_bounds)
    drawn.fit_bounds([[south, west], [north, east]])
    return drawn


_STYLE = (
    ".folium-map.leaflet-container{background:#e7ecec;font:13px/1.45 "
    "'Helvetica Neue',Arial,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    ".foliumtooltip table{border-collapse:collapse}"
    ".foliumtooltip th{font-weight:400;color:#55615f;vertical-align:top;white-space:nowrap}"
    ".foliumtooltip td{max-width:280px;white-space:normal}"
    ".ouzhi-box{max-width:250px;font-size:12px;background:#fff;padding:8px 12px;border-radius:4px;"
    "box-shadow:0 1px 5px rgb(0 0 0/25%)}"
    ".ouzhi-box b{color:#a32a1c}.ouzhi-box p{margin:0 0 4px}.ouzhi-box small{color:#55615f}"
    ".ouzhi-box i{display:inline-block;height:9px;width:90px;vertical-align:middle;margin:0 5px}"
)


def _feature(
    name: str, geometry: shapely.Geometry, facts: Facts, style: Style, lang: Lang
) -> Feature:
    """A GeoJSON feature: facts as escaped texts under escaped labels, style apart."""
    texts = {escape_value(label.of(lang)): escape_value(value) for label, value in facts.items()}
    rounded = shapely.set_precision(geometry, _DECIMALS)
    return {
        "type": "Feature",
        "id": escape_value(name),
        "geometry": shapely.geometry.mapping(rounded),
        "properties": texts,
        "look": {"fill": not geometry.geom_type.endswith("String"), **style},
    }


def _add(
    drawn: folium.Map,
    title: str | Sentence,
    features: list[Feature],
    lang: Lang,
    *,
    show: bool = True,
) -> None:
    if not features:
        return
    words = layer_title(title) if isinstance(title, str) else title
    colour = features[-1]["look"]["fillColor"]
    looks = {feature["id"]: feature.pop("look") for feature in features}
    labels = list(dict.fromkeys(key for one in features for key in one["properties"]))
    for feature in features:
        feature["properties"] = {label: feature["properties"].get(label, "") for label in labels}
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=f'<span style="color:{colour}">●</span> {escape_value(words.of(lang))}',
        style_function=lambda feature: looks[feature["id"]],
        marker=folium.CircleMarker(),
        tooltip=folium.GeoJsonTooltip(labels, aliases=labels),
        show=show,
        smooth_factor=0.5,
    ).add_to(drawn)


_NAME = Sentence("名称", "Name")
_DISTRICT = Sentence("县（市、区）", "District")
_KIND = Sentence("类别", "Kind")
_STATUS = Sentence("状态", "Status")
_SOURCE = Sentence("来源", "Source")
_AREA = Sentence("面积", "Area")
_POSITION = Sentence("位置精度（95%）", "Position (95 %)")
_RANK = Sentence("名次", "Rank")
_SCORE = Sentence("得分（区间）", "Score (interval)")
_DOUBT = Sentence("存疑", "Doubt")
_PEOPLE = Sentence("常住人口（2020）", "Residents (2020)")
_SERVED = Sentence("服务人口（估计）", "Residents served (estimated)")
_LEFT_OUT = Sentence("未参评", "left out")
_WORDS = {
    "existing": Sentence("已有", "existing"),
    "planned": Sentence("规划", "planned"),
    "not_located": Sentence("未落位", "not located"),
}


def _name(row: Row, lang: Lang) -> str:
    english = row["name_en"]
    return str(english if lang == "en" and pd.notna(english) else row["name_zh"])


def _district_names(frame: gpd.GeoDataFrame, lang: Lang) -> Names:
    known = {row["name_zh"]: _name(row, lang) for row in _rows(frame)}
    return lambda district: known.get(district, district)


def _accuracy(row: Row, lang: Lang) -> str | None:
    radius = row["accuracy_m"]
    return None if pd.isna(radius) else f"±{radius:,.0f} {'米' if lang == 'zh' else 'm'}"


def _rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _districts(frame: gpd.GeoDataFrame, ranking: SitingResult | None, lang: Lang) -> list[Feature]:
    stage = ranking.first_stage if ranking else None
    leading = stage.leading if stage else ()
    features = []
    for row in _rows(frame):
        led = row["name_zh"] in leading
        people = row["population"]
        facts: Facts = {
            _NAME: _name(row, lang),
            _PEOPLE: None if pd.isna(people) else f"{people:,.0f}",
        }
        style = {
            "color": palette.INK if led else palette.BORDER,
            "weight": 2 if led else 1,
            "fillColor": palette.LEADING if led else palette.LAND,
            "fillOpacity": 1,
        }
        shape = shapely.simplify(row["geometry"], _SIMPLIFIED_DEGREES)
        features.append(_feature(row["id"], shape, facts, style, lang))
    return features


_POINT_STYLES: dict[str, Style] = {
    "towns": {"radius": 2, "fillColor": palette.TOWN, "weight": 0},
    "clusters": {"radius": 6, "fillColor": palette.CLUSTER, "weight": 1},
    "hubs": {"radius": 6, "fillColor": palette.HUB, "weight": 1},
}


def _points(layer: str, frame: gpd.GeoDataFrame, named: Names, lang: Lang) -> list[Feature]:
    features = []
    for row in _rows(frame):
        status = row.get("status")
        facts: Facts = {
            _NAME: _name(row, lang),
            _DISTRICT: named(row["district"]),
            _KIND: row["kind"],
        }
        if status is not None:
            facts[_STATUS] = _WORDS[status].of(lang) if status in _WORDS else status
        facts |= {_POSITION: _accuracy(row, lang), _SOURCE: row["source"]}
        sure = status in (None, "existing")
        style = {"color": "#fff", "fillOpacity": 1 if sure else 0.35, **_POINT_STYLES[layer]}
        features.append(_feature(row["id"], row["geometry"], facts, style, lang))
    return features


def _scores(ranking: SitingResult | None) -> dict[str, tuple[str, Facts]]:
    """Colour and facts of each alternative by its id."""
    if ranking is None:
        return {}
    low, high = float(ranking.scores.min()), float(ranking.scores.max())
    found: dict[str, tuple[str, Facts]] = {}
    for i, name in enumerate(ranking.alternatives["id"]):
        score, ends = float(ranking.scores[i]), ranking.score_interval[i]
        share = (score - low) / (high - low) if high > low else 1.0
        text = f"{score:.3f} ({ends[0]:.3f}–{ends[1]:.3f})"
        found[str(name)] = palette.ramp(share), {_RANK: int(ranking.rank[i]), _SCORE: text}
    return found


def _zones(
    frame: gpd.GeoDataFrame, ranking: SitingResult | None, named: Names, lang: Lang
) -> list[Feature]:
    """Footprints, and a mark on each so that it is found from afar."""
    scores = _scores(ranking)
    shapes, marks = [], []
    for row in _rows(frame):
        fill, placed = scores.get(row["id"], (palette.EXCLUDED if ranking else _PLAIN, {}))
        if ranking is not None and not placed:
            placed = {_RANK: _LEFT_OUT.of(lang)}
        facts: Facts = {
            _NAME: _name(row, lang),
            _DISTRICT: named(row["district"]),
            _AREA: f"{row['area_mu']:,g} {'亩' if lang == 'zh' else 'mu'}",
            **placed,
            _POSITION: _accuracy(row, lang),
            _DOUBT: row[f"doubt_{lang}"],
        }
        style = {"color": palette.INK, "weight": 1, "fillColor": fill, "fillOpacity": 0.9}
        style |= {"dashArray": "3 2", "radius": 5}
        shape = row["geometry"]
        shapes.append(_feature(row["id"], shape, facts, style, lang))
        marks.append(_feature(f"{row['id']} mark", shapely.centroid(shape), facts, style, lang))
    return shapes + marks


def _plan(result: LocationResult, solved: ReadingResult, named: Names, lang: Lang) -> list[Feature]:
    """A line from each demand point to the facility that serves it, then the facilities."""
    demand, sites = result.demand, result.candidates
    ends = demand[["ref_lon", "ref_lat"]].to_numpy(dtype=float)
    starts = sites[["ref_lon", "ref_lat"]].to_numpy(dtype=float)
    features = []
    assignment = solved.solution.assignment
    for i, j in enumerate(assignment):
        if j >= 0 and tuple(ends[i]) != tuple(starts[j]):
            facts: Facts = {_NAME: f"{_name(demand.iloc[i], lang)} → {_name(sites.iloc[j], lang)}"}
            line = shapely.LineString([ends[i], starts[j]])
            style = {"color": palette.LINK, "weight": 1, "opacity": 0.7}
            features.append(_feature(f"link {demand['id'].iloc[i]}", line, facts, style, lang))
    for j in solved.solution.facilities:
        row = sites.iloc[j]
        load = float(solved.weight[assignment == j].sum())
        facts = {
            _NAME: _name(row, lang),
            _DISTRICT: named(row["district"]),
            _SERVED: f"{load:,.0f}",
        }
        style = {"color": "#fff", "weight": 2, "fillColor": palette.SELECT}
        style |= {"fillOpacity": 1, "radius": 8}
        features.append(_feature(row["id"], shapely.Point(starts[j]), facts, style, lang))
    return features


def _box(layers: Mapping[str, gpd.GeoDataFrame], ranking: SitingResult | None, lang: Lang) -> str:
    """What to mind, the colours of scores, and where the boundaries are from, as escaped HTML."""
    lines = []
    heading = cautions.heading(layers)
    if heading is not None:
        lines.append(f"<p><b>{escape_value(heading.of(lang))}</b></p>")
    if ranking is not None:
        stops = ",".join(palette.ramp(i / 5) for i in range(6))
        low, high = float(ranking.scores.min()), float(ranking.scores.max())
        word = "得分" if lang == "zh" else "Score"
        bar = f'<i style="background:linear-gradient(90deg,{stops})"></i>'
        lines.append(f"<p>{word} {low:.2f}{bar}{high:.2f} · {ranking.as_of.isoformat()}</p>")
    if not layers["zones"].empty:
        lines.append(f"<p>{escape_value(cautions.INDICATIVE.of(lang))}</p>")
    sources = sorted(set(layers["districts"]["boundaries"].dropna().astype(str)))
    words = "; ".join(describe_boundaries(source).of(lang) for source in sources)
    lines.append(
        f"<small>{'界线：' if lang == 'zh' else 'Boundaries: '}{escape_value(words)}</small>"
    )
    return "".join(lines)
