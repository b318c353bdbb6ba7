"""A map of the difference between two rankings: who rises, who falls, who comes in or drops out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import folium
import geopandas as gpd
import pandas as pd
import shapely
from branca.element import Figure

from api import palette
from api.boundaries import describe_boundaries
from api.leaflet import Box, OfflineMap, Verbatim, escape_value
from api.maps import map_page
from api.marks import Feature, Marks, Panel
from api.reports.files import write_files
from geo.contrast import Contrast, Side, name_of
from geo.contrast.causes import causes_of
from geo.contrast.decision import decide, describe_agreement
from geo.contrast.differences import describe_differences
from geo.errors import ScenarioError
from geo.sentence import Lang, Sentence
from layers import cautions
from layers.store.base import Store

Move = Literal["up", "down", "same", "entered", "left", "unranked"]
"""What happens to an alternative from A to B."""

_SIMPLIFIED_DEGREES = 0.0005
_DECIMALS = 1e-6
_STEPS = (3, 10)
"""Places from which on the colour of a move is the next deeper one."""

_PANEL_PX = 470
"""Width of the heading with its margin."""

_BESIDE_PANELS = (300, 20)
"""Pixels kept free to the left and at the top, so that the panels hide no alternative."""

_COLOURS: dict[Move, tuple[str, str, str]] = {
    "up": ("#8fd0c4", "#35978f", "#01665e"),
    "down": ("#e3c88a", "#bf812d", "#7a4708"),
    "same": ("#dfe3e1", "#dfe3e1", "#dfe3e1"),
    "entered": ("#ffffff", "#ffffff", "#ffffff"),
    "left": ("#ffffff", "#ffffff", "#ffffff"),
    "unranked": ("#c3c7c5", "#c3c7c5", "#c3c7c5"),
}
"""Pale to deep; brown against blue-green (ColorBrewer's BrBG), told apart by the colour-blind."""

_MOVES: dict[Move, Sentence] = {
    "up": Sentence("名次上升", "Rises"),
    "down": Sentence("名次下降", "Falls"),
    "same": Sentence("名次不变", "Keeps its rank"),
    "entered": Sentence("只在方案乙参评", "Ranked in B only"),
    "left": Sentence("只在方案甲参评", "Ranked in A only"),
    "unranked": Sentence("均未参评", "Ranked in neither"),
}

_SHAPES: dict[Move, str] = {
    "up": '<path d="M12 2 23 21H1Z" fill="{fill}" stroke="#23302f" stroke-width="1.2"/>',
    "down": '<path d="M12 22 23 3H1Z" fill="{fill}" stroke="#23302f" stroke-width="1.2"/>',
    "same": '<circle cx="12" cy="12" r="8" fill="{fill}" stroke="#23302f" stroke-width="1.2"/>',
    "entered": '<path d="M12 1 23 12 12 23 1 12Z" fill="{fill}" stroke="#2b5d9b" '
    'stroke-width="2"/><path d="M12 7V17M7 12H17" stroke="#2b5d9b" stroke-width="2.4"/>',
    "left": '<path d="M3 3H21V21H3Z" fill="{fill}" stroke="#3b3b3b" stroke-width="2"/>'
    '<path d="M7 7 17 17M17 7 7 17" stroke="#3b3b3b" stroke-width="2.4"/>',
    "unranked": '<circle cx="12" cy="12" r="5" fill="{fill}"/>',
}
"""A shape for every move, so that print and the colour-blind need no colour: 24 × 24."""


def build_difference_map(
    layers: Mapping[str, gpd.GeoDataFrame], found: Contrast, *, lang: Lang
) -> folium.Map:
    """Draw the alternatives of a contrast by what happens to their rank from A to B.

    Each has a mark with the places it gains or loses, its shape where it has one (dashed where it
    is indicative), and a popup with both ranks and the cause. Alternatives whose layer is not among
    `layers` are left out. For display only, in Web Mercator; no tile is asked for. Rendering (by
    `api.maps.map_page`) raises `MapError` where the workbench was not built.
    """
    drawn = OfflineMap(tiles=None, zoom_snap=0.25, font_size="13px", zoom_control="bottomright")
    drawn.page_language = "zh-CN" if lang == "zh" else "en"
    figure = drawn.get_root()
    assert isinstance(figure, Figure)
    title = Sentence("瓯址：名次变化图", "Ouzhi: map of rank changes").of(lang)
    figure.header.add_child(Verbatim(f"<title>{title}</title><style>{_STYLE}</style>"))
    districts, table = layers["districts"], _drawn(layers, found)
    Marks(_districts(districts, lang), name="districts", control=False).add_to(drawn)
    for move, features in _by_move(found, table, districts, lang).items():
        if features:
            count = len({feature["of"] for feature in features})
            number = f"（{count}）" if lang == "zh" else f" ({count})"
            label = f"{_swatch(move)} {_MOVES[move].of(lang)}{number}"
            Marks(features, name=label, panel_px=_PANEL_PX).add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    drawn.add_child(Panel(_heading(found, lang), corner="topleft", style="ouzhi-heading"))
    drawn.add_child(Box(_legend(layers, table, lang)))
    bounds = _bounds(table if len(table) else districts)
    drawn.fit_bounds(bounds, padding_top_left=_BESIDE_PANELS, padding_bottom_right=(20, 20))
    return drawn


def write_difference_map(store: Store, found: Contrast | None, out: Path, *, lang: Lang) -> None:
    """Write the map of a contrast as one HTML file that opens offline.

    Raises `ScenarioError` where nothing was compared, `MapError` and `WorkspaceError` as their
    makers do.
    """
    if found is None:
        raise ScenarioError(
            "a map of rank changes needs a second scenario; give --compare too",
            "名次变化图需要第二个方案；请同时给出 --compare",
        )
    write_files({out: map_page(build_difference_map(store.read_layers(), found, lang=lang))})


_STYLE = (
    ".folium-map.leaflet-container{background:#e7ecec;font:13px/1.45 "
    "'Helvetica Neue',Arial,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    ".ouzhi-heading,.ouzhi-box{background:#fff;padding:10px 14px;border-radius:4px;"
    "box-shadow:0 1px 5px rgb(0 0 0/25%)}"
    ".ouzhi-heading{max-width:440px;max-height:60vh;overflow:auto}"
    ".ouzhi-heading h1{font-size:16px;line-height:1.3;margin:0 0 6px}"
    ".ouzhi-heading p{margin:0 0 6px}.ouzhi-heading p:last-child{margin:0}"
    ".ouzhi-heading small,.ouzhi-box small{color:#55615f}"
    ".ouzhi-box{max-width:270px;font-size:12px}.ouzhi-box b{color:#a32a1c}"
    ".ouzhi-box p{margin:0 0 4px}.ouzhi-box i{display:inline-block;width:22px;height:11px;"
    "vertical-align:-1px;margin:0 3px 0 8px;border:1px solid #23302f}"
    ".leaflet-control-layers svg,.ouzhi-heading svg{vertical-align:-3px}"
    ".ouzhi-mark{background:none;border:0}.ouzhi-mark:focus-visible{outline:3px solid #2b5d9b;"
    "outline-offset:1px}.ouzhi-mark text{font:700 10px Arial,sans-serif;text-anchor:middle}"
    ".ouzhi-district{color:#55615f;font-size:12px;text-align:center;white-space:nowrap;"
    "text-shadow:0 0 3px #fff,0 0 3px #fff}"
    ".ouzhi-tag{font-weight:700;font-size:12px;color:#23302f;border:1px solid #23302f;"
    "padding:0 5px}"
    ".leaflet-popup .leaflet-popup-content p{margin:5px 0}.leaflet-popup-content small{"
    "color:#55615f}"
)


def move_of(found: Contrast, row: int) -> Move:
    """What happens to an alternative from A to B."""
    if found.common[row]:
        gained = int(found.places_gained[row])
        return "up" if gained > 0 else "down" if gained < 0 else "same"
    if found.b.rank[row]:
        return "entered"
    return "left" if found.a.rank[row] else "unranked"


def colour_of(move: Move, places: int) -> str:
    """Colour of a move over so many places: pale below 3, deep from 10 on."""
    return _COLOURS[move][sum(abs(places) >= step for step in _STEPS)]


def _drawn(layers: Mapping[str, gpd.GeoDataFrame], found: Contrast) -> gpd.GeoDataFrame:
    """The alternatives that have a geometry, by id, in the order of the contrast."""
    names = dict.fromkeys(side.result.scenario.alternatives for side in (found.a, found.b))
    tables = [layers[name] for name in names if name in layers]
    kept = pd.concat(tables) if tables else layers["districts"].iloc[:0]
    kept = kept.drop_duplicates("id").set_index("id", drop=False)
    there = kept.geometry.notna() & ~kept.geometry.is_empty
    return kept.loc[[name for name in found.alternatives["id"] if name in kept.index[there]]]


def _districts(frame: gpd.GeoDataFrame, lang: Lang) -> list[Feature]:
    """Outlines and names of the districts, below everything else."""
    features: list[Feature] = []
    look = {"color": palette.BORDER, "weight": 1, "fillColor": palette.LAND, "fillOpacity": 1}
    for _, row in frame.iterrows():
        shape = shapely.simplify(row.geometry, _SIMPLIFIED_DEGREES)
        features.append({"geometry": _mapping(shape), "look": look | {"interactive": False}})
    for _, row in frame.iterrows():
        name = escape_value(name_of(row).of(lang))
        icon = {"html": name, "className": "ouzhi-district", "iconSize": [150, 18]}
        icon |= {"iconAnchor": [75, -9]}
        features.append({"geometry": _mapping(_middle(row)), "icon": icon, "rise": -9000})
    return features


def _by_move(
    found: Contrast, table: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, lang: Lang
) -> dict[Move, list[Feature]]:
    """Shapes and marks of the alternatives, those of one move together."""
    named = {row["name_zh"]: name_of(row).of(lang) for _, row in districts.iterrows()}
    causes = causes_of(found)
    features: dict[Move, list[Feature]] = {move: [] for move in get_args(Move)}
    for i, name in enumerate(found.alternatives["id"]):
        if name not in table.index:
            continue
        row = table.loc[name]
        district = named.get(row.get("district"), row.get("district"))
        said = {
            "of": str(name),
            "tip": _tip(found, i, lang),
            "popup": _popup(found, i, row, causes[i].sentence, district, lang),
        }
        move = move_of(found, i)
        if not row.geometry.geom_type.endswith("Point"):
            features[move].append({**said, **_shape(found, i, row)})
        features[move].append({**said, **_mark(found, i, row, lang)})
    return features


def _shape(found: Contrast, i: int, row: pd.Series) -> Feature:
    move = move_of(found, i)
    look = {
        "color": palette.INK,
        "weight": 1,
        "fillColor": colour_of(move, int(found.places_gained[i])),
        "fillOpacity": 0.85,
        "dashArray": "3 2" if row["geometry_kind"] == "indicative" else None,
    }
    return {"geometry": _mapping(row.geometry), "look": look}


def _mark(found: Contrast, i: int, row: pd.Series, lang: Lang) -> Feature:
    """The sign of a move with its places; leaders carry their name and stand on top."""
    move, places = move_of(found, i), abs(int(found.places_gained[i]))
    size = 12 if move == "unranked" else 18 if move == "same" else 24
    html = _symbol(move, places, size, _tip(found, i, lang))
    icon = {"html": html, "className": "ouzhi-mark", "iconSize": [size, size]}
    best = min((rank for rank in (found.a.rank[i], found.b.rank[i]) if rank), default=9999)
    mark = {"geometry": _mapping(_middle(row)), "icon": icon, "rise": -int(best)}
    tag = _tag(found, i, lang)
    return {**mark, "tag": tag, "side": _side_of(found, i), "rise": 5000} if tag else mark


def _middle(row: pd.Series) -> shapely.Point:
    """A point inside the largest part of a shape: where its mark stands."""
    parts = shapely.get_parts(row.geometry)
    return shapely.point_on_surface(parts[int(shapely.area(parts).argmax())])


def _symbol(move: Move, places: int, size: int, label: str = "") -> str:
    """A mark as SVG; `label` is escaped text for a screen reader."""
    shape = _SHAPES[move].format(fill=colour_of(move, places))
    number = ""
    if places:
        ink = "#fff" if places >= _STEPS[0] else palette.INK
        number = f'<text x="12" y="{18 if move == "up" else 13}" fill="{ink}">{places}</text>'
    about = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    return f'<svg viewBox="0 0 24 24" width="{size}" height="{size}" {about}>{shape}{number}</svg>'


def _swatch(move: Move) -> str:
    return _symbol(move, 0, 15)


def _tip(found: Contrast, i: int, lang: Lang) -> str:
    """Name and both ranks, escaped."""
    ranks = [_rank(side, i, lang) for side in (found.a, found.b)]
    return escape_value(f"{found.name(i).of(lang)}: {ranks[0]} → {ranks[1]}")


def _rank(side: Side, i: int, lang: Lang) -> str:
    if not side.rank[i]:
        return "–"
    tied = ("（并列）" if lang == "zh" else " (tied)") if side.tied[i] else ""
    return f"{side.rank[i]}{tied}"


def _tag(found: Contrast, i: int, lang: Lang) -> str:
    """Label of a leader, escaped; empty for the others."""
    leads = [bool(side.rank[i] == 1) for side in (found.a, found.b)]
    if not any(leads):
        return ""
    which = {
        (True, True): Sentence("两个方案首选", "first in A and B"),
        (True, False): Sentence("方案甲首选", "first in A"),
        (False, True): Sentence("方案乙首选", "first in B"),
    }[leads[0], leads[1]]
    name = found.name(i)
    return escape_value(Sentence(f"{which.zh}：{name.zh}", f"{name.en}: {which.en}").of(lang))


def _side_of(found: Contrast, i: int) -> str:
    """Labels of B's leaders above and of A's below, so that two side by side keep apart."""
    return "top" if found.b.rank[i] == 1 else "bottom"


def _popup(
    found: Contrast, i: int, row: pd.Series, cause: Sentence, district: object, lang: Lang
) -> str:
    name, zh = found.name(i), lang == "zh"
    lines = [f"<p><b>{escape_value(name.of(lang))}</b> {escape_value(district)}</p>"]
    for label, side in (("方案甲" if zh else "A", found.a), ("方案乙" if zh else "B", found.b)):
        rank = escape_value(_rank(side, i, lang))
        score = f"{side.score[i]:.3f}" if side.rank[i] else "–"
        words = f"名次 {rank}，得分 {score}" if zh else f"rank {rank}, score {score}"
        lines.append(f"<p>{label}: {words}</p>")
    lines.append(f"<p>{escape_value(cause.of(lang))}</p>")
    notes = []
    if row["geometry_kind"] == "indicative":
        notes.append(
            "示意范围，不是实际边界" if zh else "indicative footprint, not the real bounds"
        )
    if pd.notna(row["accuracy_m"]):
        accuracy = f"±{row['accuracy_m']:,.0f}"
        notes.append(f"点位精度（95%）{accuracy} 米" if zh else f"position {accuracy} m (95 %)")
    if notes:
        lines.append(f"<p><small>{'；'.join(notes) if zh else '; '.join(notes)}</small></p>")
    return "".join(lines)


def _heading(found: Contrast, lang: Lang) -> str:
    """What is compared, and whether the decision changes, as escaped HTML."""
    title = "名次变化：方案甲 → 方案乙" if lang == "zh" else "Change of rank, from A to B"
    lines = [f"<h1>{title}</h1>"]
    sides = [
        ("方案甲" if lang == "zh" else "A", found.a),
        ("方案乙" if lang == "zh" else "B", found.b),
    ]
    titles = [_scenario(side, lang) for _, side in sides]
    if titles[0] == titles[1]:
        lines.append(f"<p><small>{titles[0]}</small></p>")
    else:
        lines += [
            f"<p><small>{label}: {words}</small></p>"
            for (label, _), words in zip(sides, titles, strict=True)
        ]
    lines += [
        f"<p><small>{escape_value(one.of(lang))}</small></p>" for one in describe_differences(found)
    ]
    lines.append(f"<p>{escape_value(decide(found).sentence.of(lang))}</p>")
    lines.append(f"<p><small>{escape_value(describe_agreement(found).of(lang))}</small></p>")
    return "".join(lines)


def _scenario(side: Side, lang: Lang) -> str:
    scenario = side.result.scenario
    return escape_value(f"{scenario.title.of(lang)} ({scenario.id}, {side.result.as_of})")


def _legend(layers: Mapping[str, gpd.GeoDataFrame], table: gpd.GeoDataFrame, lang: Lang) -> str:
    """What to mind, the colours of moves, and where the boundaries are from, as escaped HTML."""
    zh, lines = lang == "zh", []
    caution = cautions.heading(layers)
    if caution is not None:
        lines.append(f"<p><b>{escape_value(caution.of(lang))}</b></p>")
    lines.append(f"<p>{_scale('up', '升' if zh else 'Up', lang)}</p>")
    lines.append(f"<p>{_scale('down', '降' if zh else 'Down', lang)}</p>")
    lines.append(
        f"<p>{'图标中的数字：升降位数' if zh else 'The number in a mark: places moved'}</p>"
    )
    if (table["geometry_kind"] == "indicative").any():
        lines.append(f"<p>{escape_value(cautions.INDICATIVE.of(lang))}</p>")
    sources = sorted(set(layers["districts"]["boundaries"].dropna().astype(str)))
    words = "; ".join(describe_boundaries(source).of(lang) for source in sources)
    lines.append(f"<small>{'界线：' if zh else 'Boundaries: '}{escape_value(words)}</small>")
    return "".join(lines)


def _scale(move: Move, word: str, lang: Lang) -> str:
    """The three depths of a colour with the places they stand for."""
    low, high = _STEPS
    ranges = (f"1–{low - 1}", f"{low}–{high - 1}", f"{high}+")
    unit = "位" if lang == "zh" else "places"
    steps = [
        f'<i style="background:{colour}"></i>{places}'
        for colour, places in zip(_COLOURS[move], ranges, strict=True)
    ]
    return f"{word}{''.join(steps)} {unit}"


def _mapping(shape: shapely.Geometry) -> dict[str, Any]:
    rounded: dict[str, Any] = shapely.geometry.mapping(shapely.set_precision(shape, _DECIMALS))
    return rounded


def _bounds(frame: gpd.GeoDataFrame) -> list[Sequence[float]]:
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    return [[south, west], [north, east]]
