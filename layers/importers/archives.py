"""What a ZIP holds, walked member by member and never unpacked as it says."""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.sentence import Sentence
from layers.importers.formats import ANOTHER, FormatId, refusal
from layers.importers.limits import GIB, MIB, Limits
from layers.importers.shapefiles import NAMES_SUFFIX, NAMES_TABLE
from layers.importers.sniffing import root_of, sniff

_SMALL = 16 * MIB
"""An archive that unpacks to no more is no bomb, whatever its ratio."""

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GDB_FILE = re.compile(r"(?:a[0-9a-f]{8}\.(?:gdbtable|gdbtablx|freelist)|gdb|timestamps)")
_SINGLES = (
    (".gpkg", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet", ".dxf"),
    (".xlsx", ".xlsm", ".csv", ".tsv", ".txt"),
)
_NESTED = (".zip", ".kmz", ".rar", ".7z", ".gz", ".tar")
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One file, or files that belong together, to be read as one format.

    `place` brings it into the working folder under a name of ours and returns the path.
    """

    format_id: FormatId
    name: str
    place: Callable[[], Path]


def open_archive(path: Path, name: str, folder: Path, limits: Limits) -> list[Dataset]:
    """The datasets of a ZIP, KMZ or XLSX, at least one; nothing is unpacked but what is `place`d.

    Chosen are, of what is there, the first of: a workbook, file geodatabases, Shapefiles, KML,
    other layers, other tables. Raises `ImportFileError` for an archive that is damaged, encrypted,
    too large or too dense, whose members leave it or are links, and one with nothing to read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise refusal(Sentence("是已损坏的 ZIP", "is a damaged ZIP")) from None
    members = _walked(archive, path.stat().st_size, limits)
    if "[Content_Types].xml" in members and "xl/workbook.xml" in members:
        _require_plain_workbook(archive, members)
        return [Dataset("xlsx", _stem(name), lambda: path)]
    found = (
        _geodatabases(archive, members, folder)
        or _shapefiles(archive, members, folder)
        or _kmls(archive, members, folder, name)
        or _singles(archive, members, folder, _SINGLES[0])
        or _singles(archive, members, folder, _SINGLES[1])
    )
    if found:
        return found
    if any(member.lower().endswith(_NESTED) for member in members):
        raise refusal(
            Sentence("是 ZIP 中套着另一个压缩包，不予展开", "is a ZIP that holds another archive"),
            Sentence("请先解开里面的压缩包", "unpack the inner one first"),
        )
    raise refusal(
        Sentence("是 ZIP，但其中没有可读取的数据", "is a ZIP with nothing in it that is read"),
        ANOTHER,
    )


def geodatabase_file(name: str) -> bool:
    """Tell whether a file of this name belongs to a file geodatabase; indexes need not."""
    return _GDB_FILE.fullmatch(name.lower()) is not None


def _walked(archive: zipfile.ZipFile, packed: int, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Members by name; raises where any of them may not be there."""
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise refusal(
            Sentence(
                f"是有 {len(infos)} 个成员的 ZIP，至多 {limits.members} 个",
                f"is a ZIP of {len(infos)} members, of which {limits.members} are allowed",
            )
        )
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked_bytes:
        raise refusal(
            Sentence(
                f"是解压后达 {total / GIB:.1f} GB 的 ZIP，至多 {limits.unpacked_bytes / GIB:g} GB",
                f"is a ZIP that unpacks to {total / GIB:.1f} GB, of which "
                f"{limits.unpacked_bytes / GIB:g} GB are allowed",
            )
        )
    if total > _SMALL and total > limits.ratio * packed:
        raise refusal(
            Sentence(
                f"是解压后增大 {total // max(packed, 1)} 倍的 ZIP（疑为压缩炸弹），至多 "
                f"{limits.ratio} 倍",
                f"is a ZIP that unpacks to {total // max(packed, 1)} times its size (like a bomb), "
                f"of which {limits.ratio} times are allowed",
            )
        )
    return dict(_named_members(infos))


def _named_members(
    infos: Sequence[zipfile.ZipInfo],
) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    seen: set[str] = set()
    for info in infos:
        name = _decoded_name(info)
        _require_inside(name)
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refusal(
                Sentence(
                    f"是含链接或特殊文件“{name[:80]}”的 ZIP",
                    f'is a ZIP with a link or special file "{name[:80]}"',
                )
            )
        if info.is_dir() or name.startswith(_LITTER) or name.endswith(_LITTER):
            continue
        if info.flag_bits & 0x1:
            raise refusal(
                Sentence(
                    "是加密的 ZIP（请去掉密码）", "is an encrypted ZIP (take the password off)"
                )
            )
        if name.lower() in seen:
            raise refusal(
                Sentence(f"是有两个“{name[:80]}”的 ZIP", f'is a ZIP with two members "{name[:80]}"')
            )
        seen.add(name.lower())
        yield name, info


def _decoded_name(info: zipfile.ZipInfo) -> str:
    """The member's name, also where Windows wrote it in GBK without saying so."""
    if info.flag_bits & 0x800 or "\0" in info.orig_filename:
        return info.orig_filename
    if info.filename != info.orig_filename:
        return info.filename  # of the Unicode path that the archiver added
    raw = info.orig_filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _require_inside(name: str) -> None:
    parts = PurePosixPath(name).parts
    if (
        not name
        or name.startswith("/")
        or any(c in name for c in "\\\0")
        or ".." in parts
        or re.match(r"[A-Za-z]:", name)
    ):
        plain = "".join(c if c.isprintable() else "?" for c in name[:80])
        raise refusal(
            Sentence(
                f"是成员名“{plain}”指向压缩包之外的 ZIP",
                f'is a ZIP whose member "{plain}" points outside of it',
            )
        )


def _require_plain_workbook(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]
) -> None:
    for name, info in members.items():
        if name.lower().endswith((".xml", ".rels", ".vml")):
            with _reading(), archive.open(info) as file:
                root_of(file.read)


@contextmanager
def _reading() -> Iterator[None]:
    """Turn what a damaged member raises into a refusal."""
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zlib.error):
        raise refusal(Sentence("是已损坏的 ZIP", "is a damaged ZIP")) from None


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Write one member to a path of ours; zipfile gives no byte more than the size declared."""
    with _reading(), archive.open(info) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, MIB)


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _shapefiles(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], folder: Path
) -> list[Dataset]:
    by_lower = {name.lower(): info for name, info in members.items()}

    def dataset(index: int, name: str) -> Dataset:
        def place() -> Path:
            for suffix in _SHAPEFILE_PARTS:
                info = by_lower.get(name.lower()[: -len(".shp")] + suffix)
                if info is not None:
                    _unpack(archive, info, folder / f"table{index}{suffix}")
            home = PurePosixPath(name.lower()).parent
            names = by_lower.get(str(home / NAMES_TABLE))
            if names is not None and names.file_size <= MIB:
                _unpack(archive, names, folder / f"table{index}{NAMES_SUFFIX}")
            return folder / f"table{index}.shp"

        return Dataset("shapefile", _stem(name), place)

    shps = sorted(name for name in members if name.lower().endswith(".shp"))
    return [dataset(index, name) for index, name in enumerate(shps)]


def _geodatabases(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], folder: Path
) -> list[Dataset]:
    homes: dict[PurePosixPath, dict[str, zipfile.ZipInfo]] = {}
    for name, info in members.items():
        path = PurePosixPath(name)
        if geodatabase_file(path.name):
            homes.setdefault(path.parent, {})[path.name.lower()] = info

    def dataset(index: int, home: PurePosixPath) -> Dataset:
        def place() -> Path:
            target = folder / f"base{index}.gdb"
            target.mkdir()
            for name, info in homes[home].items():
                _unpack(archive, info, target / name)
            return target

        return Dataset("filegdb", home.stem or "gdb", place)

    full = sorted(home for home, files in homes.items() if "a00000001.gdbtable" in files)
    return [dataset(index, home) for index, home in enumerate(full)]


def _singles(
    archive: zipfile.ZipFile,
    members: Mapping[str, zipfile.ZipInfo],
    folder: Path,
    suffixes: tuple[str, ...],
) -> list[Dataset]:
    """Files that stand alone, each again known by its content."""

    def dataset(index: int, name: str) -> Dataset:
        target = folder / f"single{index}"
        _unpack(archive, members[name], target)
        format_id = sniff(target, name)
        if format_id == "zip":
            if not name.lower().endswith((".xlsx", ".xlsm")):
                raise refusal(Sentence("是 ZIP 中套着另一个压缩包", "is a ZIP inside a ZIP"))
            raise refusal(
                Sentence(
                    "是打包的 XLSX（请直接导入 XLSX）", "is a zipped XLSX; bring in the XLSX itself"
                )
            )
        return Dataset(format_id, _stem(name), lambda: target)

    names = sorted(name for name in members if name.lower().endswith(suffixes))
    if suffixes == (".kml",):
        names = _main_kml(names)
    return [dataset(index, name) for index, name in enumerate(names)]


def _kmls(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], folder: Path, name: str
) -> list[Dataset]:
    """The main KML, which says nothing by its own name."""
    found = _singles(archive, members, folder, (".kml",))
    return [Dataset(one.format_id, _stem(name), one.place) for one in found]


def _main_kml(names: Sequence[str]) -> list[str]:
    """A KMZ is what its first KML at the root says; further ones are only linked from it."""
    roots = [name for name in names if "/" not in name]
    doc = [name for name in roots if name.lower() == "doc.kml"]
    return (doc or roots or list(names))[:1]
