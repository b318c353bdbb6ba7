"""What a layer cannot do without: ids, required fields, districts that are known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from geo.sentence import Sentence
from layers.quality.draft import Draft
from layers.quality.identity import derives_ids

_FOLLOWING = frozenset({"accuracy_m", "geometry_kind", "ref_lon", "ref_lat"})
"""Fields that follow from the geometry, or are asked for with it."""


def refuse_missing(draft: Draft, *, located: bool) -> None:
    """Write down what is missing: an id, a required value, a feature to be updated.

    A feature that stands keeps what the file has no column for. Without positions (`located` is
    false) rows can only update features that stand.
    """
    _refuse_nameless(draft)
    if not located:
        _refuse_strangers(draft)
    for column in draft.columns.values():
        if column.nullable or column.name == draft.spec.key or column.name in _FOLLOWING:
            continue
        gaps = ~draft.given(column.name)
        if column.name in draft.headers:
            due = Sentence(f"{column.expected.zh}，不能为空", f"{column.expected.en}, not empty")
            read = gaps & draft.untold(column.name)
            for row in np.flatnonzero(read).tolist():
                draft.ledger.refuse(row, draft.header(column.name), None, due)
        elif located and (gaps & ~draft.stands).any():
            _refuse_column(draft, column.name, int((gaps & ~draft.stands).sum()))
    if draft.spec.id == "land_use":
        _refuse_unnamed_ground(draft)
    if draft.spec.id == "zones":
        _refuse_more_above_scale(draft)


def warn_of_districts(draft: Draft, districts: gpd.GeoDataFrame | None) -> None:
    """Warn of each name in the district field that is no district of the workspace."""
    name = draft.spec.district_field
    if districts is None or districts.empty or name not in draft.values or draft.spec.free:
        return
    known = set(districts["name_zh"])
    series = draft.value(name)
    strange = series[series.notna() & ~series.isin(known)]
    for value, rows in strange.groupby(strange).groups.items():
        due = Sentence(
            f"{'、'.join(sorted(known))} 之一；这 {len(rows)} 行不计入任何县（市、区）",
            f"one of {', '.join(sorted(known))}; {len(rows)} rows count in no district",
        )
        draft.ledger.warn(int(str(rows[0])), draft.header(name), value, due)


def _refuse_nameless(draft: Draft) -> None:
    key = draft.spec.key
    gaps = ~draft.given(key)
    if derives_ids(draft.spec) or not gaps.any():
        return
    due = Sentence(
        "每个要素的编号；请用 --map 列=id 指明编号所在的列",
        "the id of each feature; name the column that holds it with --map column=id",
    )
    if key not in draft.headers:
        draft.ledger.refuse(None, key, None, due)
        return
    for row in np.flatnonzero(gaps & draft.untold(key)).tolist():
        draft.ledger.refuse(row, draft.header(key), None, due)


def _refuse_strangers(draft: Draft) -> None:
    """Rows without a position whose id stands nowhere."""
    key = draft.spec.key
    if key not in draft.headers and derives_ids(draft.spec):
        due = Sentence(
            "位置（经纬度列、WKT 列或几何），或在图层中已有的编号（--map 列=id）",
            "positions (columns of longitude and latitude, WKT, or a geometry), or ids that stand "
            "in the layer (--map column=id)",
        )
        draft.ledger.refuse(None, "geometry", None, due)
        return
    due = Sentence(
        f"图层“{draft.spec.title.zh}”中已有的编号：没有位置的表只能更新已有要素",
        f"an id that stands in the layer {draft.spec.title.en}: a table without positions can only "
        "update features that are there",
    )
    ids = draft.value(key)
    for row in np.flatnonzero(draft.given(key) & ~draft.stands).tolist():
        draft.ledger.refuse(row, draft.header(key), ids.iloc[row], due)


def _refuse_column(draft: Draft, name: str, count: int) -> None:
    title = next(one.title for one in draft.spec.fields if one.name == name)
    expected = draft.columns[name].expected
    due = Sentence(
        f"{title.zh}（{expected.zh}）：{count:,} 个新要素必须填写；请增加该列或用 --map 指明",
        f"{title.en} ({expected.en}), which {count:,} new features must have; add the column or "
        "name it with --map",
    )
    draft.ledger.refuse(None, name, None, due)


def _refuse_more_above_scale(draft: Draft) -> None:
    """No zone has more firms above scale than firms; what the file lacks is as it stands."""
    few, all_ = "above_scale_enterprises", "enterprises"
    if not {few, all_} & {*draft.headers}:
        return
    above, firms = (
        np.where(draft.given(name), draft.numbers(name), draft.stood_numbers(name))
        for name in (few, all_)
    )
    due = Sentence(f"不大于 {draft.header(all_)}", f"no more than {draft.header(all_)}")
    for row in np.flatnonzero(above > firms).tolist():
        draft.ledger.refuse(row, draft.header(few), int(above[row]), due)


def _refuse_unnamed_ground(draft: Draft) -> None:
    """A polygon of land use needs a code or a name."""
    if not {"code", "land_use"} & {*draft.values}:
        rows = ~draft.stands
    else:
        rows = ~(draft.given("code") | draft.given("land_use")) & ~draft.stands
    due = Sentence(
        "地类代码（code）或地类名称（land_use），至少一项",
        "a code or a name of land use (land_use)",
    )
    for row in np.flatnonzero(rows).tolist():
        draft.ledger.refuse(row, draft.header("code"), None, due)
