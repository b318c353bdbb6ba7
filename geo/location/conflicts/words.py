"""A conflict and what mends it, in the planner's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Floats, Ints
from geo.location.conflicts.asked import Asked, Kind, Member
from geo.location.conflicts.demands import Demand
from geo.location.conflicts.relaxations import Relaxation, rows_left_out
from geo.sentence import Sentence

_NAMED = 3
"""So many are named of a longer list."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Says the conditions of a question; `names`: of the candidates, None for their numbers."""

    asked: Asked
    names: Sequence[str] | None = None

    def demand(self, demand: Demand) -> Sentence:
        """What was demanded."""
        return self._demands[demand.kind](demand)

    def relaxation(self, relaxation: Relaxation) -> Sentence:
        """What must be given up, all of it together."""
        if relaxation.radius is not None:
            old, new = number(self.asked.radius), number(relaxation.radius)
            parts = [
                Sentence(f"把半径由 {old} 增至至少 {new}", f"raise the radius from {old} to {new}")
            ]
        else:
            amount = relaxation.loosened.amount
            kinds = dict.fromkeys(member.kind for member in amount)
            parts = [self._changes[kind](relaxation) for kind in kinds]
        zh, en = "，并".join(one.zh for one in parts), " and ".join(one.en for one in parts)
        if not relaxation.is_enough:
            return Sentence(
                f"{zh}（至少如此，是否足够未能判定）",
                f"{en} (no less will do; whether it is enough could not be told)",
            )
        if relaxation.loosened.is_least:
            return Sentence(zh, en)
        return Sentence(f"{zh}（够用，未证明为最小）", f"{en} (enough, not proven to be the least)")

    @property
    def _demands(self) -> dict[Kind, Callable[[Demand], Sentence]]:
        return {
            "total": self._total,
            "least": self._least,
            "most": self._most,
            "fixed": self._fixed,
            "forbidden": self._forbidden,
            "exclusive": self._exclusive,
            "capacity": self._capacity,
            "least_load": self._least_load,
            "service": self._service,
        }

    def _total(self, _: Demand) -> Sentence:
        held = self.asked.problem.conditions
        if held.p is not None and held.p > held.size:
            return Sentence(
                f"总数为 {held.p} 处，而候选点只有 {held.size} 个",
                f"{held.p} in total, but there are only {held.size} candidates",
            )
        return Sentence(f"总数为 {held.p} 处", f"{held.p} in total")

    def _least(self, demand: Demand) -> Sentence:
        return self._per_group(demand, "至少", "at least")

    def _most(self, demand: Demand) -> Sentence:
        return self._per_group(demand, "至多", "at most")

    def _per_group(self, demand: Demand, zh: str, en: str) -> Sentence:
        held, value = self.asked.problem.conditions, demand.value
        groups = [member.place for member in demand.members]
        names = self._groups(groups)
        if len(groups) > 1:
            total = value * len(groups)
            return Sentence(
                f"{names.zh}各{zh} {value} 处，合计 {total} 处",
                f"{en} {value} in each of {names.en}, {total} together",
            )
        size = int((held.group == groups[0]).sum())
        short = demand.kind == "least" and size < value
        return Sentence(
            f"{names.zh}{zh} {value} 处" + (f"，而它只有 {size} 个候选点" if short else ""),
            f"{en} {value} in {names.en}"
            + (f", which has {size} candidate{'s' * (size != 1)}" if short else ""),
        )

    def _fixed(self, demand: Demand) -> Sentence:
        names = self._columns(member.place for member in demand.members)
        count = len(demand.members)
        if count == 1:
            return Sentence(f"{names.zh}必须设", f"{names.en} is fixed")
        return Sentence(
            f"{names.zh}必须设，共 {count} 处", f"{names.en} are fixed, {count} together"
        )

    def _forbidden(self, demand: Demand) -> Sentence:
        names = self._columns(member.place for member in demand.members)
        size = self.asked.problem.conditions.size
        left = size - len(demand.members)
        verb = "is" if len(demand.members) == 1 else "are"
        return Sentence(
            f"{names.zh}不得设，{size} 个候选点只余 {left} 个",
            f"{names.en} {verb} forbidden, which leaves {left} of {size} candidates",
        )

    def _exclusive(self, demand: Demand) -> Sentence:
        every = self.asked.problem.conditions.exclusive
        told = self.asked.tells_apart
        sets = [every[member.place] for member in demand.members] if told else every
        names = self._columns(sets[0])
        if len(sets) == 1:
            return Sentence(f"{names.zh}之中至多设 1 处", f"at most 1 among {names.en}")
        return Sentence(
            f"{len(sets):,} 组互斥或间距不足的候选点各至多设 1 处（如{names.zh.strip()}）",
            f"at most 1 in each of {len(sets):,} sets of candidates that exclude each other or "
            f"stand too near (such as {names.en})",
        )

    def _capacity(self, _: Demand) -> Sentence:
        return self._loads(self.asked.problem.conditions.capacity, "容量", "capacity", largest=True)

    def _least_load(self, _: Demand) -> Sentence:
        load = self.asked.problem.conditions.least_load
        return self._loads(load, "最低负荷", "least load", largest=False)

    def _loads(self, bound: Floats, zh: str, en: str, *, largest: bool) -> Sentence:
        """One number where all are equal; else what as many as are open hold or need together."""
        held = self.asked.problem.conditions
        each = np.unique(bound)
        count = held.size if held.p is None else min(held.p, held.size)
        order = np.sort(bound)[::-1] if largest else np.sort(bound)
        total = float(order[:count].sum())
        if len(each) == 1:
            one = number(float(each[0]))
            zh, en = f"每处{zh} {one}", f"a {en} of {one} each"
        else:
            zh, en = f"各处{zh}不一", f"the {en} of each facility"
        if np.isinf(total):
            return Sentence(zh, en)
        which_zh, which_en = ("最大", "largest") if largest else ("最小", "smallest")
        return Sentence(
            f"{zh}，{which_zh}的 {count} 处合计 {number(total)}",
            f"{en}, {number(total)} for the {count} {which_en} together",
        )

    def _service(self, _: Demand) -> Sentence:
        asked = self.asked
        count = len(asked.rows)
        zh, en = (
            f"全部 {count} 个可达需求点都须服务",
            f"all {count} demand points in reach are served",
        )
        if np.isfinite(asked.radius):
            radius = number(asked.radius)
            zh = f"半径 {radius} 之内可达的 {count} 个需求点都须服务"
            en = f"all {count} demand points in reach are served within {radius}"
        if asked.loads_matter:
            total = number(float(asked.problem.demand_weight[asked.rows].sum()))
            zh, en = f"{zh}，需求合计 {total}", f"{en}, {total} of demand together"
        return Sentence(zh, en)

    @property
    def _changes(self) -> dict[Kind, Callable[[Relaxation], Sentence]]:
        return {
            "total": self._other_total,
            "least": self._lower,
            "most": self._higher,
            "fixed": self._released,
            "forbidden": self._allowed,
            "exclusive": self._waived,
            "capacity": self._more_capacity,
            "least_load": self._less_load,
            "service": self._left_out,
        }

    def _other_total(self, relaxation: Relaxation) -> Sentence:
        old = self.asked.problem.conditions.p
        new = relaxation.mended.problem.conditions.p
        assert old is not None and new is not None
        if new > old:
            return Sentence(
                f"把总数由 {old} 处增至 {new} 处", f"raise the total from {old} to {new}"
            )
        return Sentence(f"把总数由 {old} 处减至 {new} 处", f"lower the total from {old} to {new}")

    def _lower(self, relaxation: Relaxation) -> Sentence:
        old = self.asked.problem.conditions.group_min
        new = relaxation.mended.problem.conditions.group_min
        words = Sentence("下限由 {} 处降为 {} 处", "lower the minimum from {} to {}")
        return self._other_bounds(relaxation, "least", (old, new), words)

    def _higher(self, relaxation: Relaxation) -> Sentence:
        old = self.asked.problem.conditions.group_max
        new = relaxation.mended.problem.conditions.group_max
        words = Sentence("上限由 {} 处升为 {} 处", "raise the maximum from {} to {}")
        return self._other_bounds(relaxation, "most", (old, new), words)

    def _other_bounds(
        self, relaxation: Relaxation, kind: Kind, bounds: tuple[Ints, Ints], words: Sentence
    ) -> Sentence:
        """Groups whose bound changes alike in one breath."""
        changes: dict[tuple[int, int], list[int]] = {}
        for g in places(relaxation, kind):
            changes.setdefault((int(bounds[0][g]), int(bounds[1][g])), []).append(g)
        parts = [
            (self._where(relaxation, groups), words.zh.format(*change), words.en.format(*change))
            for change, groups in changes.items()
        ]
        zh = "，并".join(f"把{where.zh}的{zh}" for where, zh, _ in parts)
        en = " and ".join(f"{en} in {where.en}" for where, _, en in parts)
        if relaxation.loosened.is_only or relaxation.any_of:
            return Sentence(zh, en)
        return Sentence(f"例如{zh}", f"for example {en}")

    def _where(self, relaxation: Relaxation, groups: list[int]) -> Sentence:
        many = len(groups)
        if relaxation.any_of > many:
            return Sentence(
                f" {relaxation.any_of} 组中任意 {many} 组",
                f"any {many} of {relaxation.any_of} groups",
            )
        names = self._groups(groups)
        return Sentence(_led(names.zh), names.en)

    def _released(self, relaxation: Relaxation) -> Sentence:
        which = self._which(relaxation, "fixed", "处必设点", ("fixed facility", "fixed facilities"))
        return Sentence(f"放开{which.zh}", f"release {which.en}")

    def _allowed(self, relaxation: Relaxation) -> Sentence:
        which = self._which(
            relaxation, "forbidden", "个不得设的候选点", ("candidate", "candidates")
        )
        return Sentence(f"允许设{which.zh}", f"allow {which.en}")

    def _waived(self, relaxation: Relaxation) -> Sentence:
        sets = self.asked.problem.conditions.exclusive
        waived = [self._columns(sets[k]) for k in places(relaxation, "exclusive")]
        example = Sentence("", "")
        if not relaxation.loosened.is_only:
            example = Sentence("例如", "for example ")
        return Sentence(
            f"{example.zh}允许同时设{'，以及'.join(one.zh for one in waived)}",
            f"{example.en}allow together {', as well as '.join(one.en for one in waived)}",
        )

    def _more_capacity(self, relaxation: Relaxation) -> Sentence:
        old = self.asked.problem.conditions.capacity
        new = relaxation.mended.problem.conditions.capacity
        more = number(relaxation.loosened.amount[Member("capacity", 0)])
        return _each_load(old, new, more, ("容量", "增加", "增至"), ("raise", "capacity"))

    def _less_load(self, relaxation: Relaxation) -> Sentence:
        old = self.asked.problem.conditions.least_load
        new = relaxation.mended.problem.conditions.least_load
        less = number(relaxation.loosened.amount[Member("least_load", 0)])
        return _each_load(old, new, less, ("最低负荷", "降低", "降至"), ("lower", "least load"))

    def _left_out(self, relaxation: Relaxation) -> Sentence:
        rows = rows_left_out(self.asked, relaxation.loosened)
        points = _several(len(rows), "demand point", "demand points")
        rows_zh = _listed_zh([f"第 {row} 行" for row in rows])
        return Sentence(
            f"不服务 {len(rows)} 个需求点（例如{rows_zh}）",
            f"leave {points} unserved, for example {_listed([f'row {row}' for row in rows])}",
        )

    def _groups(self, groups: Sequence[int]) -> Sentence:
        names = [str(self.asked.problem.conditions.group_names[g]) for g in groups]
        listed = _listed(names)
        en = f"{len(names)} groups ({listed})" if len(names) > _NAMED else listed
        return Sentence(_spaced(_listed_zh(names, "组")), en)

    def _columns(self, columns: Iterable[int]) -> Sentence:
        chosen = list(columns)
        zh = [self.names[j] if self.names else f"候选点 {j}" for j in chosen]
        en = [self.names[j] if self.names else f"candidate {j}" for j in chosen]
        return Sentence(_spaced(_listed_zh(zh, "处")), _listed(en))

    def _which(self, relaxation: Relaxation, kind: Kind, zh: str, en: tuple[str, str]) -> Sentence:
        """The columns where no others would do, else how many, with an example."""
        columns = places(relaxation, kind)
        names = self._columns(columns)
        if relaxation.loosened.is_only:
            return names
        many = len(columns)
        return Sentence(
            f" {many} {zh}（例如{_led(names.zh.strip())}）",
            f"{_several(many, *en)}, for example {names.en}",
        )


def places(relaxation: Relaxation, kind: Kind) -> list[int]:
    """Which members of a kind are loosened."""
    return [member.place for member in relaxation.loosened.amount if member.kind == kind]


def number(value: float) -> str:
    """A number as a sentence shows it: whole ones and large ones in full, others in six digits."""
    is_whole = abs(value) >= 1e6 or value == round(value)
    return f"{value:,.0f}" if is_whole else f"{value:,.6g}"


def _listed(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def _listed_zh(names: Sequence[str], unit: str | None = None) -> str:
    shown = "、".join(names[:_NAMED])
    count = "" if unit is None else f" {len(names)} {unit}"
    return shown if len(names) <= _NAMED else f"{_spaced(shown)}等{count}"


def _spaced(zh: str) -> str:
    """Chinese that goes on after a digit or a Latin letter keeps a space from it."""
    return f"{zh} " if zh[-1:].isascii() else zh


def _led(zh: str) -> str:
    """A digit or a Latin letter after Chinese keeps a space from it."""
    return f" {zh}" if zh[:1].isascii() else zh


def _several(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _each_load(
    old: Floats,
    new: Floats,
    change: str,
    zh: tuple[str, str, str],
    en: tuple[str, str],
) -> Sentence:
    """Loads changed alike: to what, where all are equal; else by how much."""
    if len(np.unique(old)) == 1:
        before, after = number(float(old[0])), number(float(new[0]))
        return Sentence(
            f"把每处{zh[0]}由 {before} {zh[2]} {after}",
            f"{en[0]} the {en[1]} of each facility from {before} to {after}",
        )
    return Sentence(
        f"把每处{zh[0]}{zh[1]} {change}", f"{en[0]} the {en[1]} of each facility by {change}"
    )
