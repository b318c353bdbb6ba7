"""Numbers that do not fit the system they are read in, and a file that carries parameters."""

from __future__ import annotations

MISFITS: list[tuple[str, tuple[float, float], str, str]] = [
    (
        "EPSG:4528",
        (568759.7, 3097973.7),
        "these have none; if they are CGCS2000, read them as EPSG:4549",
        "数据没有带号",
    ),
    ("EPSG:4499", (268759.7, 3097973.7), "read them as EPSG:4510", "以带号 21 开头"),
    (
        "EPSG:4549",
        (40568759.7, 3097973.7),
        "3-degree zone 40; if they are CGCS2000, read them as EPSG:4528",
        "三度带第 40 带",
    ),
    (
        "EPSG:4549",
        (21268759.7, 3097973.7),
        "6-degree zone 21; if they are CGCS2000, read them as EPSG:4499",
        "六度带第 21 带",
    ),
    ("EPSG:4527", (40568759.7, 3097973.7), "read them as EPSG:4528", "三度带第 40 带"),
    (
        "EPSG:4549",
        (3097973.7, 568759.7),
        "the axes are swapped: surveys call north X",
        "坐标轴颠倒",
    ),
    ("EPSG:4528", (3097973.7, 40568759.7), "the axes are swapped", "坐标轴颠倒"),
    (
        "EPSG:4549",
        (7568759.7, 3097973.7),
        "more than 500 km from the central meridian (120)",
        "超过 500 千米",
    ),
    ("EPSG:4549", (120.7, 28.0), "they look like degrees", "像是以度表示的经纬度"),
    ("EPSG:3857", (120.7, 28.0), "they look like degrees", "像是以度表示的经纬度"),
    ("cgcs2000", (28.0, 120.7), "the axes are swapped, latitude comes first", "纬度在前"),
    ("gcj02", (568759.7, 3097973.7), "most likely metres of a plane", "以米为单位的平面坐标"),
    ("bd09", (120.7, 95.0), "latitudes to 90 degrees", "纬度不超过 90 度"),
    ("wgs84", (190.0, 28.0), "longitudes reach to 180", "经度不超过 180 度"),
]


def shifted_xian() -> str:
    """A plane of Xi'an 1980 as a file would carry it with seven parameters (made up)."""
    return (
        'PROJCS["Xian_1980_3_Degree_GK_CM_120E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",'
        'SPHEROID["Xian_1980",6378140.0,298.257],TOWGS84[100.0,2.0,3.0,0.1,0.2,0.3,4.0]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
        'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
        'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
