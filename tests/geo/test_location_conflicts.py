"""Why nothing works, against brute force: no fewer demands conflict, and each relaxation mends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import location_oracles as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from location_cases import cases
from location_oracles import INF, Case

from geo.location import LocationProblem, build_problem, conflict_of
from geo.location.conflicts import conflict
from geo.location.conflicts.relaxations import Relaxation, least_relaxations

SOME = settings(deadline=None, max_examples=100)
Demand = tuple[str, int]


@dataclass(frozen=True)
class Question:
    """A case whose `owed` rows must be served, if `served`, from within its radius."""

    case: Case
    owed: tuple[int, ...]
    served: bool

    @property
    def works(self) -> bool:
        """Whether some choice meets everything."""
        within = [
            [0.0 if c <= self.case.radius and c < INF else INF for c in row]
            for row in self.case.cost
        ]
        owed = self.owed if self.served else ()
        spare = [i for i in self.case.rows if i not in owed]
        return any(
            oracle.service(self.case, chosen, within, owed, spare=spare) is not None
            for chosen in oracle.open_sets(self.case)
        )


def question_of(case: Case, *, serve_all: bool) -> Question:
    owed = tuple(oracle.reachable(case, case.radius)) if serve_all else ()
    return Question(case, owed, serve_all)


def sizes(case: Case) -> dict[Any, int]:
    labels = case.sites.get("groups") or []
    return {label: list(labels).count(label) for label in labels}


def demands_of(question: Question) -> list[Demand]:
    """What was said, each thing once: one number for many groups is one thing."""
    case, found = question.case, list[Demand]()
    if case.p is not None:
        found.append(("total", case.p))
    least, most = (oracle.group_bounds(case, name) for name in ("min_per_group", "max_per_group"))
    found += [("least", count) for count in sorted(set(least.values())) if count]
    size = sizes(case)
    bounding = {count for label, count in most.items() if count < size[label]}
    found += [("most", count) for count in sorted(bounding)]
    found += [
        (kind, 0)
        for kind, said in (
            ("fixed", bool(case.sites.get("fixed_facilities"))),
            ("forbidden", bool(case.sites.get("forbidden_facilities"))),
            ("exclusive", any(len(set(one)) > 1 for one in oracle.exclusions(case))),
            ("capacity", min(case.per_column("capacity", INF)) < INF),
            ("least_load", any(case.per_column("least_load", 0.0))),
            ("service", question.served),
        )
        if said
    ]
    return found


def only(question: Question, kept: Sequence[Demand]) -> Question:
    """The question with only these demands."""
    case, kinds = question.case, {kind for kind, _ in kept}
    sites: dict[str, Any] = {
        name: case.sites[name] for name in ("groups", "split_demand") if name in case.sites
    }
    for name, kind in (("min_per_group", "least"), ("max_per_group", "most")):
        bound = oracle.group_bounds(case, name)
        sites[name] = {label: n for label, n in bound.items() if (kind, n) in kept}
    if "groups" not in sites:
        del sites["min_per_group"], sites["max_per_group"]
    for name in ("fixed_facilities", "forbidden_facilities", "capacity", "least_load"):
        if name in case.sites and name.removesuffix("_facilities") in kinds:
            sites[name] = case.sites[name]
    if "exclusive" in kinds:
        sites["exclusive_facilities"] = oracle.exclusions(case)
    p = case.p if "total" in kinds else None
    return Question(replace(case, p=p, sites=sites), question.owed, "service" in kinds)


def fewest_in_conflict(question: Question) -> int:
    demands = demands_of(question)
    for count in range(1, len(demands) + 1):
        for kept in itertools.combinations(demands, count):
            if not only(question, kept).works:
                return count
    raise AssertionError("all together are in conflict")


def case_of(problem: LocationProblem, radius: float) -> Case:
    """A checked problem in the words of the oracle."""
    held = problem.conditions
    names = dict(enumerate(held.group_names))
    return Case(
        cost=problem.cost.tolist(),
        weight=problem.demand_weight.tolist(),
        p=held.p,
        radius=radius,
        sites={
            "fixed_facilities": held.fixed.nonzero()[0].tolist(),
            "forbidden_facilities": held.forbidden.nonzero()[0].tolist(),
            "exclusive_facilities": held.exclusive,
            "groups": held.group.tolist(),
            "min_per_group": {g: int(held.group_min[g]) for g in names},
            "max_per_group": {g: int(held.group_max[g]) for g in names},
            "capacity": held.capacity.tolist(),
            "least_load": held.least_load.tolist(),
            "split_demand": held.split,
        },
    )


def loosened(case: Case, kind: str, steps: int) -> Iterator[Case]:
    """Every case in which conditions of one kind are loosened by so many steps in all."""
    if kind == "total":
        assert case.p is not None
        yield from (
            replace(case, p=case.p + move) for move in (-steps, steps) if case.p + move >= 0
        )
    elif kind in ("least", "most"):
        name, move = ("min_per_group", -1) if kind == "least" else ("max_per_group", 1)
        bound = oracle.group_bounds(case, name)
        for chosen in itertools.combinations_with_replacement(bound, steps):
            moved = {label: n + move * chosen.count(label) for label, n in bound.items()}
            if min(moved.values()) >= 0:
                yield case.saying(**{name: moved})
    else:
        name = f"{kind}_facilities"
        said = oracle.exclusions(case) if kind == "exclusive" else case.sites.get(name, ())
        left = {"exclusive_facilities": said, "min_separation": None} if kind == "exclusive" else {}
        for dropped in itertools.combinations(range(len(said)), min(steps, len(said))):
            kept = [one for k, one in enumerate(said) if k not in dropped]
            yield case.saying(**left | {name: kept})


def require_least(question: Question, relaxation: Relaxation) -> None:
    """Less of the same kind would not do, by brute force."""
    kinds = {member.kind for member in relaxation.loosened.amount}
    countable = {"total", "least", "most", "fixed", "forbidden", "exclusive"}
    if len(kinds) != 1 or not kinds <= countable or not relaxation.loosened.is_least:
        return
    (kind,) = kinds
    changed = relaxation.loosened.amount
    counted = kind in {"total", "least", "most"}
    amount = round(sum(map(abs, changed.values()))) if counted else len(changed)
    assert amount >= 1
    for steps in range(1, amount):
        for case in loosened(question.case, kind, steps):
            assert not replace(question, case=case).works, (kind, steps, amount)


def explain(question: Question, case: Case) -> tuple[Any, list[Relaxation]]:
    """The conflict of a question, and the changes behind its sentences."""
    said: list[Relaxation] = []
    with pytest.MonkeyPatch.context() as patch:

        def kept(*given: Any) -> tuple[Relaxation, ...]:
            found = least_relaxations(*given)
            said.extend(found)
            return found

        patch.setattr(conflict, "least_relaxations", kept)
        problem = build_problem(case.cost, **case.keywords)
        return conflict_of(problem, radius=case.radius, serve_all=question.served), said


def require_conflict(case: Case, *, serve_all: bool) -> None:
    question = question_of(case, serve_all=serve_all)
    found, relaxations = explain(question, case)
    if question.works:
        assert found is None
        return
    assert found is not None
    assert len(found.demands) == fewest_in_conflict(question)
    for sentence in (*found.demands, *found.relaxations):
        assert sentence.zh and sentence.en
    for relaxation in relaxations:
        mended = relaxation.mended
        owed = tuple(mended.rows.tolist())
        assert Question(case_of(mended.problem, mended.radius), owed, True).works
        require_least(question, relaxation)


@SOME
@given(case=cases(free=True, costs=False), serve_all=st.booleans())
def test_conflicts_are_the_smallest_and_relaxations_mend(case: Case, serve_all: bool) -> None:
    require_conflict(case, serve_all=serve_all)


@settings(SOME, max_examples=50)
@given(case=cases(free=True, costs=False, loaded=True), serve_all=st.booleans())
def test_conflicts_of_loads_are_the_smallest_and_relaxations_mend(
    case: Case, serve_all: bool
) -> None:
    require_conflict(case, serve_all=serve_all)


def test_the_printed_case_twenty_warehouses_two_in_each_of_twelve_districts() -> None:
    groups = [f"区{g}" for g in range(12) for _ in range(4)]
    problem = build_problem([[1.0] * 48], p_facilities=20, groups=groups, min_per_group=2)
    found = conflict_of(problem)
    assert found is not None
    assert len(found.demands) == 2
    en, zh = found.sentence.en, found.sentence.zh
    assert "20" in en and "24" in en and "12" in en
    assert "20" in zh and "24" in zh
    assert len(found.relaxations) == 2
    assert any("24" in one.en for one in found.relaxations)
    more = build_problem([[1.0] * 48], p_facilities=24, groups=groups, min_per_group=2)
    assert conflict_of(more) is None
    fewer = {f"区{g}": 1 if g < 4 else 2 for g in range(12)}
    mended = build_problem([[1.0] * 48], p_facilities=20, groups=groups, min_per_group=fewer)
    assert conflict_of(mended) is None


def test_one_set_is_released_rather_than_two() -> None:
    case = Case([[1.0] * 8], [1.0], 6, 1.0, {"exclusive_facilities": [[0, 1, 2], [3, 4], [6, 7]]})
    require_conflict(case, serve_all=False)
