"""Write `catalogue.md` and `catalogue.zh.md` from the program: `python docs/catalogue.py`.

They hold what the program knows of itself, in both languages: the criteria, weights, rules and
readings of the scenarios that ship, the layers with their fields, the tables with their columns. A
test holds the files against `pages()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from geo.criteria import describe
from geo.hubs import MODEL_WORDS
from geo.methods import describe_method
from geo.odds import weight_sampler
from geo.scenario import (
    CriterionSpec,
    Exclusion,
    GroupSpec,
    HubScenario,
    LocationScenario,
    Reading,
    SitingScenario,
    StakeholderWeights,
)
from geo.sentence import LANGS, Lang, Sentence
from geo.weighting import METHODS, equal_weights, stated_weights
from layers.catalog import LAYERS, TABLES, LayerSpec
from layers.scenarios import read_scenario, scenario_ids
from layers.schemas import SCHEMAS, Column, layer_columns

HERE = Path(__file__).resolve().parent
FILES: dict[Lang, str] = {"zh": "catalogue.zh.md", "en": "catalogue.md"}

INTRO = Sentence(
    zh="# 目录：方案、图层、数据表\n\n本页由 `python docs/catalogue.py` 从程序写出，请勿手改。"
    "怎样写方案见[方案文件](scenarios.zh.md)，怎样带来另一个城市见[参考](reference.zh.md)，"
    "排名怎样算见[排名的方法](methods.zh.md)；每个数的出处见 [SOURCES.md](../data/SOURCES.md)。",
    en="# Catalogue: scenarios, layers, tables\n\nWritten from the program by "
    "`python docs/catalogue.py`; do not edit. How to write a scenario stands in "
    "[scenario files](scenarios.md), how to bring another city in the [reference](reference.md), "
    "how rankings are computed in [its own page](methods.md); where each figure comes from, in "
    "[SOURCES.md](../data/SOURCES.md).",
)
SCENARIOS = Sentence(zh="方案", en="Scenarios")
LAYER_TITLE = Sentence(zh="图层", en="Layers")
TABLE_TITLE = Sentence(zh="数据表", en="Tables")
LAYER_NOTE = Sentence(
    zh="坐标系 EPSG:4490。空间准则从量算点（`ref_lon`、`ref_lat`）量起，不从示意范围量起。",
    en="All in EPSG:4490. Spatial criteria are measured from the reference point (`ref_lon`, "
    "`ref_lat`), never from an indicative footprint.",
)
TABLE_NOTE = Sentence(
    zh="UTF-8、首行列名、RFC 4180；空单元格是“未给出”，绝不当作零。可空的列可以整列省去。",
    en="UTF-8, a header row, RFC 4180; an empty cell is a value not given, never zero. A column "
    "that may be empty may be left out.",
)
FIELD_HEAD = {
    "zh": ("字段", "名称", "单位", "值", "可空"),
    "en": ("field", "title", "unit", "value", "may be empty"),
}
COLUMN_HEAD = {"zh": ("列", "值", "可空"), "en": ("column", "value", "may be empty")}
YES = Sentence(zh="是", en="yes")
NO = Sentence(zh="否", en="no")
COMMA = Sentence(zh="、", en=", ")
COLON = Sentence(zh="：", en=": ")
INSIDE = " › "
"""Between the title of a group and that of a group in it."""


def pages() -> dict[str, str]:
    """Text of both pages by file name."""
    return {FILES[lang]: "\n\n".join(_page(lang)) + "\n" for lang in LANGS}


def _page(lang: Lang) -> Iterator[str]:
    yield INTRO.of(lang)
    yield f"## {SCENARIOS.of(lang)}"
    for name in scenario_ids():
        scenario = read_scenario(name)
        if isinstance(scenario, SitingScenario):
            yield from _siting(scenario, lang)
        else:
            yield from _hubs(scenario, lang)
    yield f"## {LAYER_TITLE.of(lang)}"
    yield LAYER_NOTE.of(lang)
    for layer in LAYERS.values():
        yield from _layer(layer, lang)
    yield f"## {TABLE_TITLE.of(lang)}"
    yield TABLE_NOTE.of(lang)
    for table, columns in SCHEMAS.items():
        yield f"### `{table}.csv`"
        if table in TABLES:
            yield f"{TABLES[table].title.of(lang)}"
        yield _columns(columns, lang)


def _facts(lang: Lang, *facts: tuple[Sentence, object]) -> str:
    """Lines of a list; a fact that is not given is left out."""
    return "\n".join(
        f"- {title.of(lang)}{COLON.of(lang)}{value}" for title, value in facts if value
    )


def _ids(names: Iterable[str], lang: Lang) -> str:
    return COMMA.of(lang).join(f"`{name}`" for name in names)


def _heading(scenario: SitingScenario | HubScenario, lang: Lang) -> str:
    return f"### `{scenario.id}` {scenario.title.of(lang)}"


def _siting(scenario: SitingScenario, lang: Lang) -> Iterator[str]:
    yield _heading(scenario, lang)
    weights = stated_weights(scenario)
    yield _facts(
        lang,
        (Sentence("判断日", "As of"), scenario.as_of),
        (Sentence("依据", "Clause"), scenario.clause),
        (Sentence("备选", "Alternatives"), f"`{scenario.alternatives}`"),
        (Sentence("前一步", "First stage"), _first_stage(scenario, lang)),
        (Sentence("分组选取", "Choice per group"), _per_group(scenario, lang)),
        (Sentence("权重", "Weights"), _weights(scenario, lang)),
        (Sentence("权重的抽取", "Draws of weights"), _draws(scenario, weights, lang)),
        (Sentence("排名方法", "Ranking method"), describe_method(scenario.ranking).of(lang)),
        *((Sentence("假设", "Assumption"), words.of(lang)) for words in scenario.assumptions),
    )
    for path, criterion in _leaves(scenario.groups):
        yield f"#### `{scenario.id}.{criterion.id}` {criterion.name.of(lang)}"
        yield _criterion(criterion, path, weights, lang)
    for rule in scenario.exclusions:
        yield f"#### `{scenario.id}.{rule.id}` {rule.sentence.of(lang)}"
        yield _rule(rule, lang)


def _first_stage(scenario: SitingScenario, lang: Lang) -> str | None:
    stage = scenario.first_stage
    if stage is None:
        return None
    return Sentence(
        f"`{stage.scenario.id}` 的前 {stage.leading} 名（`{stage.member_field}`）",
        f"the first {stage.leading} of `{stage.scenario.id}` (`{stage.member_field}`)",
    ).of(lang)


def _per_group(scenario: SitingScenario, lang: Lang) -> str | None:
    chosen = scenario.per_group
    if chosen is None:
        return None
    return Sentence(
        f"`{chosen.field}` 各取前 {chosen.choose} 名。{chosen.sentence.zh}",
        f"the first {chosen.choose} of each `{chosen.field}`. {chosen.sentence.en}",
    ).of(lang)


def _weights(scenario: SitingScenario, lang: Lang) -> str:
    spec = scenario.weights
    said = [METHODS[spec.method].of(lang)]
    if isinstance(spec, StakeholderWeights):
        said += [person.name.of(lang) for person in spec.people]
    reason = getattr(spec, "reason", None)
    return COMMA.of(lang).join(said + ([reason.of(lang)] if reason else []))


def _draws(scenario: SitingScenario, weights: Mapping[str, float] | None, lang: Lang) -> str:
    """What weights are drawn from, said by the sampler itself."""
    shares = weights or equal_weights(scenario.groups)
    return weight_sampler(scenario.weight_draws, shares)[1].of(lang)


def _leaves(
    groups: Sequence[GroupSpec], path: tuple[Sentence, ...] = ()
) -> Iterator[tuple[tuple[Sentence, ...], CriterionSpec]]:
    """Every criterion with the titles of the groups around it, in the order of the scenario."""
    for group in groups:
        for criterion in group.criteria:
            yield (*path, group.title), criterion
        yield from _leaves(group.groups, (*path, group.title))


def _criterion(
    spec: CriterionSpec,
    path: Sequence[Sentence],
    weights: Mapping[str, float] | None,
    lang: Lang,
) -> str:
    proxy = spec.proxy_for
    read_off = Sentence("运行时由数据得出", "read off the data by a run")
    facts = _facts(
        lang,
        (Sentence("组", "Group"), INSIDE.join(title.of(lang) for title in path)),
        (
            Sentence("默认权重", "Default weight"),
            read_off.of(lang) if weights is None else f"{weights[spec.id]:.4f}",
        ),
        (Sentence("数据日期", "As of"), spec.as_of),
        (Sentence("来源", "Sources"), _ids(spec.sources, lang)),
        (Sentence("替代", "Stands for"), proxy and proxy.of(lang)),
    )
    return f"{describe(spec).of(lang)}\n\n{facts}"


def _rule(rule: Exclusion, lang: Lang) -> str:
    value = rule.value if isinstance(rule.value, list) else f"{rule.value:g}"
    shown = COMMA.of(lang).join(value) if isinstance(value, list) else value
    return _facts(
        lang,
        (Sentence("规则", "Rule"), f"`{rule.field}` `{rule.operator}` {shown}"),
        (Sentence("依据", "Clause"), rule.clause),
        (Sentence("假设", "Assumption"), rule.assumption and rule.assumption.of(lang)),
    )


def _hubs(scenario: HubScenario, lang: Lang) -> Iterator[str]:
    yield _heading(scenario, lang)
    placed = _placed(scenario, lang) if isinstance(scenario, LocationScenario) else []
    yield _facts(
        lang,
        (Sentence("判断日", "As of"), scenario.as_of),
        (Sentence("依据", "Clause"), scenario.clause),
        (Sentence("需求", "Demand"), f"`{scenario.demand}`"),
        *placed,
        (Sentence("矛盾", "Conflict"), scenario.conflict and scenario.conflict.of(lang)),
        *((Sentence("假设", "Assumption"), words.of(lang)) for words in scenario.assumptions),
        (Sentence("来源", "Sources"), _ids(scenario.sources, lang)),
    )
    for reading in scenario.readings:
        yield f"#### `{scenario.id}.{reading.id}` {reading.title.of(lang)}"
        yield _reading(scenario, reading, lang)


def _placed(scenario: LocationScenario, lang: Lang) -> list[tuple[Sentence, object]]:
    """What is said of the candidates, tiers and futures of a scenario that places."""
    standing = scenario.existing
    futures = COMMA.of(lang).join(future.title.of(lang) for future in scenario.futures)
    tiers = INSIDE.join(tier.title.of(lang) for tier in scenario.tiers)
    return [
        (Sentence("候选", "Candidates"), f"`{scenario.candidates}`"),
        (Sentence("已有设施", "Standing already"), standing and f"`{standing.layer}`"),
        (Sentence("各级（由下至上）", "Tiers (from below)"), tiers),
        (Sentence("服务半径（米）", "Service radius (m)"), f"{scenario.service_radius_m:g}"),
        (Sentence("未来情形", "Futures"), futures),
    ]


def _reading(scenario: HubScenario, reading: Reading, lang: Lang) -> str:
    own = YES if reading.own_district_only else NO
    by_tier = COMMA.of(lang).join(
        f"`{name}` {count.p_facilities}" for name, count in reading.tier_counts.items()
    )
    model: Sentence | None = None
    if isinstance(scenario, LocationScenario):
        model = MODEL_WORDS[scenario.model_of(reading)].title
    return _facts(
        lang,
        (Sentence("原文", "Words of the document"), reading.clause.of(lang)),
        (Sentence("模型", "Model"), model and model.of(lang)),
        (Sentence("设施数", "Facilities"), reading.p_facilities or by_tier),
        (Sentence("每县（市、区）", "Per district"), reading.per_district),
        (Sentence("只服务本县（市、区）", "Serve their own district only"), own.of(lang)),
    )


def _layer(spec: LayerSpec, lang: Lang) -> Iterator[str]:
    yield f"### `{spec.id}` {spec.title.of(lang)}"
    yield f"{spec.geometry_type}"
    rows = [
        (
            f"`{field.name}`",
            field.title.of(lang),
            field.unit.of(lang) if field.unit else "",
            column.expected.of(lang).replace("|", "\\|"),
            (YES if column.nullable else NO).of(lang),
        )
        for field, column in zip(spec.fields, layer_columns(spec), strict=True)
    ]
    yield _table(FIELD_HEAD[lang], rows)


def _columns(columns: Sequence[Column], lang: Lang) -> str:
    rows = [
        (
            f"`{column.name}`",
            column.expected.of(lang).replace("|", "\\|"),
            (YES if column.nullable else NO).of(lang),
        )
        for column in columns
    ]
    return _table(COLUMN_HEAD[lang], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
