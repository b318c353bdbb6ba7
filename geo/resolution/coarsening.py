"""Layers made coarser: features put together by grid cell or by district, amounts kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.criteria import column_of
from geo.crs import STORAGE_CRS, working_crs
from geo.errors import CriterionError

AMOUNT = "amount"
"""Column of a coarse layer that carries what its features amount to."""


def to_cells(points: pd.DataFrame, *, cell_m: float, field: str | None = None) -> pd.DataFrame:
    """Put located features together by square cells of `cell_m` metres: one row per filled cell.

    `amount` is the sum of `field` (not given counts 0), or the count without one. A cell stands at
    the mean of its members' longitudes and latitudes, weighted by amount (unweighted where all
    amounts are 0), and is as inaccurate as its least accurate member. Cells lie on the plane of the
    layer's middle longitude (CGCS2000 / 3-degree Gauss-Krüger), counted from its origin, west and
    south edges inside. Rows come in the order of the cells, west to east, then south to north.
    """
    if points.empty:
        return _put_together(points, np.zeros(0, dtype=np.intp), field)
    lon, lat = (points[name].to_numpy(dtype=np.float64) for name in ("ref_lon", "ref_lat"))
    plane = working_crs(float((lon.min() + lon.max()) / 2.0))
    to_plane = pyproj.Transformer.from_crs(STORAGE_CRS, plane, always_xy=True)
    cells = np.floor(np.column_stack(to_plane.transform(lon, lat)) / cell_m)
    member = np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1)
    return _put_together(points, member, field)


def to_districts(
    points: pd.DataFrame, districts: pd.DataFrame, *, field: str | None = None
) -> pd.DataFrame:
    """Put features together by district: one row per district, standing at its seat.

    `points.district` names a row of `districts` by `name_zh`. Amounts as in `to_cells`; the seat's
    `accuracy_m` is kept. Raises `CriterionError` for a feature whose district is not given or not
    among the districts.
    """
    named = column_of(points, "district")
    strange = named[~named.isin(districts["name_zh"])]
    unknown = sorted({str(name) for name in strange.dropna()})
    en = [*unknown, *(["(not given)"] if strange.isna().any() else [])]
    zh = [*unknown, *(["（未给出）"] if strange.isna().any() else [])]
    if en:
        raise CriterionError(
            f"features stand in districts that the layer of districts does not have: "
            f"{', '.join(en)}; they cannot be put together by district",
            f"有要素所在的县（市、区）不在区县图层中：{'、'.join(zh)}；无法按区县合并",
        )
    member, names = pd.factorize(named)
    coarse = _put_together(points, member, field)
    seats = districts.drop_duplicates("name_zh").set_index("name_zh").loc[list(names)]
    for column in ("ref_lon", "ref_lat", "accuracy_m"):
        coarse[column] = seats[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return coarse


def _put_together(
    points: pd.DataFrame, member: NDArray[np.intp], field: str | None
) -> pd.DataFrame:
    """One row per member number: id, position, accuracy, amount."""
    count = int(member.max(initial=-1)) + 1
    amount = np.ones(len(points)) if field is None else _amounts(points, field)
    total = np.bincount(member, weights=amount, minlength=count)
    weight = np.abs(amount)
    empty = np.bincount(member, weights=weight, minlength=count) == 0.0
    weight = np.where(empty[member], 1.0, weight)
    accuracy = np.zeros(count)
    known = points["accuracy_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    np.maximum.at(accuracy, member, np.nan_to_num(known))
    return pd.DataFrame(
        {
            "id": [f"coarse-{i + 1}" for i in range(count)],
            "ref_lon": _mean(points["ref_lon"], member, weight, count),
            "ref_lat": _mean(points["ref_lat"], member, weight, count),
            "accuracy_m": accuracy,
            AMOUNT: total,
        }
    )


def _amounts(points: pd.DataFrame, field: str) -> Floats:
    column = column_of(points, field)
    amounts: Floats = np.nan_to_num(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return amounts


def _mean(values: pd.Series, member: NDArray[np.intp], weight: Floats, count: int) -> Floats:
    numbers = values.to_numpy(dtype=np.float64)
    above = np.bincount(member, weights=numbers * weight, minlength=count)
    result: Floats = above / np.bincount(member, weights=weight, minlength=count)
    return result
