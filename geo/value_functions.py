"""More value functions: bent, stepped, by category, logistic, Gaussian, like a given site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arrays import Floats
from geo.errors import CriterionError, Fault
from geo.sentence import Sentence
from geo.value import Curve

_NINE_TO_ONE = float(np.log(9.0))
_LOGISTIC_REACH = 3.2


@dataclass(frozen=True, slots=True)
class PiecewiseValue:
    """Straight between given points, flat beyond the first and the last.

    `levels`: performances, strictly rising, two or more; `values`: the value at each, in [0, 1],
    rising or falling or both. Raises `CriterionError`, all faults at once.
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        _require_points(self.levels, self.values, least=2, extra=0)

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance; NaN stays NaN."""
        result: Floats = np.interp(performance, self.levels, self.values)
        return result

    @property
    def turns(self) -> tuple[float, ...]:
        """The points."""
        return self.levels

    def curve(self, n: int = 101) -> Curve:
        """About `n` points from a tenth of the range below to a tenth above, bends included."""
        x = np.union1d(_around(self.levels[0], self.levels[-1], n), self.levels)
        return x, self(x)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the points in words."""
        points = list(zip(self.levels, self.values, strict=True))
        zh = "，".join(f"{x:,.12g} {unit.zh}计 {v:g} 分" for x, v in points)
        en = ", ".join(f"{v:g} at {x:,.12g} {unit.en}" for x, v in points)
        return Sentence(zh=f"{zh}，其间按直线", en=f"worth {en}, straight in between")


@dataclass(frozen=True, slots=True)
class StepValue:
    """One value up to each threshold, the next from the threshold on (the threshold inside).

    `thresholds`: strictly rising, one or more; `values`: one more than thresholds, in [0, 1].
    Raises `CriterionError`, all faults at once.
    """

    thresholds: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        _require_points(self.thresholds, self.values, least=1, extra=1)

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance; NaN stays NaN."""
        given = np.asarray(performance, dtype=np.float64)
        step = np.searchsorted(self.thresholds, given, side="right")
        return np.where(np.isnan(given), np.nan, np.asarray(self.values)[step])

    @property
    def turns(self) -> tuple[float, ...]:
        """Each threshold, and the number just below it."""
        ends = [(float(np.nextafter(one, -np.inf)), one) for one in self.thresholds]
        return tuple(end for pair in ends for end in pair)

    def curve(self, n: int = 101) -> Curve:
        """About `n` points, each threshold twice: just below it and on it."""
        low, high = self.thresholds[0], self.thresholds[-1]
        margin = (high - low) or abs(low) or 1.0
        before = np.nextafter(self.thresholds, -np.inf)
        even = _around(low - margin / 10.0, high + margin / 10.0, n)
        x = np.unique(np.concatenate([even, before, self.thresholds]))
        return x, self(x)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the steps in words."""
        later = list(zip(self.thresholds, self.values[1:], strict=True))
        zh = "，".join(f"达到 {x:,.12g} {unit.zh}计 {v:g} 分" for x, v in later)
        en = ", ".join(f"{v:g} from {x:,.12g} {unit.en} on" for x, v in later)
        first = f"{self.thresholds[0]:,.12g}"
        return Sentence(
            zh=f"不足 {first} {unit.zh}计 {self.values[0]:g} 分，{zh}",
            en=f"worth {self.values[0]:g} below {first} {unit.en}, {en}",
        )


@dataclass(frozen=True, slots=True)
class CategoryValue:
    """A value for each category; a performance is the category's code: 0, 1, 2 … as given.

    Build with `by_category`; `codes` turns names into codes.
    """

    categories: tuple[str | float, ...]
    values: tuple[float, ...]

    def codes(self, names: ArrayLike | Sequence[object]) -> Floats:
        """Code of each name; None and NaN become NaN.

        Raises `CriterionError` for a category that has no value, naming all of them.
        """
        given: NDArray[np.object_] = np.asarray(names, dtype=object)
        flat = given.ravel().tolist()
        code = {one: float(place) for place, one in enumerate(self.categories)}
        unknown = {str(one): one for one in flat if not _missing(one) and one not in code}
        if unknown:
            known = [f"{one}" for one in self.categories]
            raise CriterionError(
                f"no value is given for the category {', '.join(unknown)}; there are "
                f"{', '.join(known)}",
                f"未给出类别 {'、'.join(unknown)} 的评价值；已有 {'、'.join(known)}",
                [Fault(None, None, one, f"one of {', '.join(known)}") for one in unknown.values()],
            )
        found = [np.nan if _missing(one) else code[one] for one in flat]
        return np.array(found, dtype=np.float64).reshape(given.shape)

    def __call__(self, performance: Floats) -> Floats:
        """Value of each code, rounded to the nearest there is; NaN stays NaN."""
        code = np.asarray(performance, dtype=np.float64)
        nearest = np.clip(np.rint(np.nan_to_num(code)), 0, len(self.values) - 1).astype(np.intp)
        return np.where(np.isnan(code), np.nan, np.asarray(self.values)[nearest])

    @property
    def turns(self) -> tuple[float, ...]:
        """The codes of the categories."""
        return tuple(float(code) for code in range(len(self.values)))

    def curve(self, n: int = 101) -> Curve:
        """One point per category, at 0, 1, 2 … in the order given (`n` has no part in it)."""
        return np.arange(len(self.values), dtype=np.float64), np.array(self.values)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the categories in words; a unit stands behind each where there is one."""
        pairs = list(zip(self.categories, self.values, strict=True))
        return Sentence(
            zh="，".join(f"“{f'{one} {unit.zh}'.strip()}”计 {v:g} 分" for one, v in pairs),
            en="worth " + ", ".join(f"{v:g} for {f'{one} {unit.en}'.strip()}" for one, v in pairs),
        )


def by_category(values: Mapping[str, float] | Mapping[float, float]) -> CategoryValue:
    """Check values of categories and build their function.

    Raises `CriterionError`, all faults at once, for a value outside 0 to 1 and for no category.
    """
    faults = [
        Fault(None, str(name), value, "a value from 0 to 1")
        for name, value in values.items()
        if not 0.0 <= value <= 1.0
    ]
    if faults or not values:
        _refuse([f"{one.field}={one.value}" for one in faults] or ["no category"], faults)
    return CategoryValue(tuple(values), tuple(float(one) for one in values.values()))


@dataclass(frozen=True, slots=True)
class LogisticValue:
    """S-shaped: worth 0.5 at `middle` and 0.9 at `good`, towards 1 beyond it, towards 0 opposite.

    A `good` above `middle` makes a benefit, one below a cost. Value = 1 / (1 + 9 ** -t) with t =
    (x - middle) / (good - middle). Raises `CriterionError` where the two are equal or not finite.
    """

    middle: float
    good: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.middle, self.good]).all() or self.middle == self.good:
            _refuse([f"middle={self.middle}", f"good={self.good}"])

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance; NaN stays NaN."""
        share = (np.asarray(performance) - self.middle) / (self.good - self.middle)
        result: Floats = 0.5 * (1.0 + np.tanh(0.5 * _NINE_TO_ONE * share))
        return result

    @property
    def turns(self) -> tuple[float, ...]:
        """The performances worth about 0.001 and 0.999."""
        reach = _LOGISTIC_REACH * abs(self.good - self.middle)
        return self.middle - reach, self.middle + reach

    def curve(self, n: int = 101) -> Curve:
        """`n` points between the performances worth about 0.001 and 0.999."""
        x = np.linspace(self.turns[0], self.turns[-1], n)
        return x, self(x)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the middle and the good level in words."""
        bad = 2.0 * self.middle - self.good
        return Sentence(
            zh=f"S 形曲线：{bad:,.12g} {unit.zh}计 0.1 分，{self.middle:,.12g} {unit.zh}计 0.5 分，"
            f"{self.good:,.12g} {unit.zh}计 0.9 分",
            en=f"S-shaped: worth 0.1 at {bad:,.12g} {unit.en}, 0.5 at {self.middle:,.12g} "
            f"{unit.en}, 0.9 at {self.good:,.12g} {unit.en}",
        )


@dataclass(frozen=True, slots=True)
class GaussianValue:
    """Bell-shaped around an ideal: exp(-(x - ideal)² / (2 sigma²)), 1 at the ideal.

    Raises `CriterionError` where `sigma` is not positive or a number is not finite.
    """

    ideal: float
    sigma: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.ideal, self.sigma]).all() or self.sigma <= 0.0:
            _refuse([f"ideal={self.ideal}", f"sigma={self.sigma}"])

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance; NaN stays NaN."""
        share = (np.asarray(performance) - self.ideal) / self.sigma
        result: Floats = np.exp(-0.5 * share * share)
        return result

    @property
    def turns(self) -> tuple[float, ...]:
        """Four sigma below, the ideal, four sigma above."""
        reach = 4.0 * self.sigma
        return self.ideal - reach, self.ideal, self.ideal + reach

    def curve(self, n: int = 101) -> Curve:
        """`n` points within four sigma of the ideal."""
        x = np.linspace(self.ideal - 4.0 * self.sigma, self.ideal + 4.0 * self.sigma, n)
        return x, self(x)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the ideal and how fast the value falls in words."""
        half = float(np.sqrt(2.0 * np.log(2.0))) * self.sigma
        return Sentence(
            zh=f"以 {self.ideal:,.12g} {unit.zh}为最佳计 1 分，"
            f"偏离 {half:,.4g} {unit.zh}计 0.5 分，按正态曲线递减",
            en=f"best at {self.ideal:,.12g} {unit.en}, worth 0.5 where {half:,.4g} {unit.en} off, "
            "falling as a bell curve",
        )


@dataclass(frozen=True, slots=True)
class TargetValue:
    """Like a given site: 1 at the target, straight down to 0 at `below` under and `above` over it.

    The edges are worth 0. `site`: whose performance the target is, for the sentence. Raises
    `CriterionError` where `below` or `above` is not positive or a number is not finite.
    """

    target: float
    below: float
    above: float
    site: Sentence | None = None

    def __post_init__(self) -> None:
        numbers = [self.target, self.below, self.above]
        if not np.isfinite(numbers).all() or min(self.below, self.above) <= 0.0:
            _refuse([f"target={self.target}", f"below={self.below}", f"above={self.above}"])

    def __call__(self, performance: Floats) -> Floats:
        """Value of each performance; NaN stays NaN."""
        off = np.asarray(performance) - self.target
        result: Floats = np.maximum(1.0 - np.maximum(off / self.above, -off / self.below), 0.0)
        return result

    @property
    def turns(self) -> tuple[float, ...]:
        """The lower edge, the target, the upper edge."""
        return self.target - self.below, self.target, self.target + self.above

    def curve(self, n: int = 101) -> Curve:
        """About `n` points from a tenth of the width below to a tenth above, target included."""
        ends = (self.target - self.below, self.target + self.above)
        x = np.union1d(_around(*ends, n), [*ends, self.target])
        return x, self(x)

    def describe(self, unit: Sentence) -> Sentence:
        """Say the target and how far off is worth nothing."""
        like = Sentence(
            zh=f"与“{self.site.zh}”相同（{self.target:,.12g} {unit.zh}）"
            if self.site
            else f"{self.target:,.12g} {unit.zh}",
            en=f"like {self.site.en} ({self.target:,.12g} {unit.en})"
            if self.site
            else f"at {self.target:,.12g} {unit.en}",
        )
        low, high = self.target - self.below, self.target + self.above
        return Sentence(
            zh=f"{like.zh}计 1 分，"
            f"低至 {low:,.12g} 或高至 {high:,.12g} {unit.zh}计 0 分，其间按直线",
            en=f"worth 1 {like.en}, 0 down at {low:,.12g} and up at {high:,.12g} {unit.en}, "
            "straight in between",
        )


def _around(low: float, high: float, n: int) -> Floats:
    margin = (high - low) / 10.0
    return np.linspace(low - margin, high + margin, n)


def _missing(one: object) -> bool:
    return one is None or (isinstance(one, float) and np.isnan(one))


def _require_points(
    levels: Sequence[float], values: Sequence[float], *, least: int, extra: int
) -> None:
    faults = [
        Fault(
            place,
            "level",
            levels[place],
            "a finite number, above the one before it",
            "大于前一个的有限数",
        )
        for place in range(len(levels))
        if not np.isfinite(levels[place]) or (place and not levels[place] > levels[place - 1])
    ]
    faults += [
        Fault(place, "value", value, "a value from 0 to 1", "0 至 1 之间的值")
        for place, value in enumerate(values)
        if not 0.0 <= value <= 1.0
    ]
    if len(levels) < least:
        faults.append(Fault(None, "levels", len(levels), f"{least} or more", f"{least} 个或更多"))
    if len(values) != len(levels) + extra:
        wanted = len(levels) + extra
        faults.append(Fault(None, "values", len(values), f"{wanted} values", f"{wanted} 个值"))
    if faults:
        _refuse(
            [f"{one.field}{_place(one)}: {one.value}, expected {one.expected}" for one in faults],
            faults,
            [f"{one.field}{_place(one)}：{one.value}，应为{one.expected_zh}" for one in faults],
        )


def _place(fault: Fault) -> str:
    return "" if fault.row is None else f" {int(str(fault.row)) + 1}"


def _refuse(
    given: Sequence[str], faults: Sequence[Fault] = (), given_zh: Sequence[str] | None = None
) -> NoReturn:
    listed, listed_zh = "; ".join(given), "；".join(given_zh or given)
    raise CriterionError(
        "a value function takes finite levels that rise strictly, values from 0 to 1 and widths "
        f"above 0; got {listed}",
        "评价函数的各级水平应为严格递增的有限数，评价值在 0 至 1 之间，宽度大于 0；"
        f"收到 {listed_zh}",
        faults,
    )
