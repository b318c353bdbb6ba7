"""The location models that a scenario may be solved by, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from geo.scenario import LocationModel
from geo.sentence import Sentence

LOCATION_MODELS: tuple[LocationModel, ...] = get_args(LocationModel)

GREATEST: tuple[LocationModel, ...] = ("mclp", "backup_coverage")
"""Models whose objective is made as great as possible."""

MAY_LEAVE: tuple[LocationModel, ...] = ("mclp",)
"""Models that need not serve all that can be served."""


@dataclass(frozen=True, slots=True)
class ModelWords:
    """A model's name, the unit of its objective, and what it looks for."""

    title: Sentence
    unit: Sentence
    sentence: Sentence


_RESIDENT_METRES = Sentence("人·米", "residents × m")
_RESIDENTS = Sentence("人", "residents")

MODEL_WORDS: dict[LocationModel, ModelWords] = {
    "p_median": ModelWords(
        Sentence("p-中位", "p-median"),
        _RESIDENT_METRES,
        Sentence(
            "给定个数的设施，使需求到服务它的设施的路程之和最小",
            "a given number of facilities, so that the way of all demand together is least",
        ),
    ),
    "p_center": ModelWords(
        Sentence("p-中心", "p-center"),
        Sentence("米", "m"),
        Sentence(
            "给定个数的设施，使离得最远的需求点的路程最短",
            "a given number of facilities, so that the longest way of any demand point is least",
        ),
    ),
    "mclp": ModelWords(
        Sentence("最大覆盖", "maximal covering"),
        _RESIDENTS,
        Sentence(
            "给定个数的设施，使服务半径（含边界）之内的需求最多",
            "a given number of facilities, so that most demand is within the service radius "
            "(boundary inside)",
        ),
    ),
    "backup_coverage": ModelWords(
        Sentence("备用覆盖", "backup coverage"),
        _RESIDENTS,
        Sentence(
            "给定个数的设施，每个可覆盖的需求点至少有一处在服务半径（含边界）之内，"
            "使有两处以上的需求最多",
            "a given number of facilities, one at least within the service radius (boundary "
            "inside) of every point that can be covered, so that most demand has two or more",
        ),
    ),
    "lscp": ModelWords(
        Sentence("集合覆盖", "location set covering"),
        Sentence("处", "facilities"),
        Sentence(
            "以最少的设施，使每个可覆盖的需求点都在服务半径（含边界）之内",
            "fewest facilities that leave no point that can be covered beyond the service radius "
            "(boundary inside)",
        ),
    ),
    "facility_location": ModelWords(
        Sentence("设施选址（含建设成本）", "facility location with opening costs"),
        _RESIDENT_METRES,
        Sentence(
            "使路程与设施的开设、关闭成本之和最小，个数可不给定",
            "ways and the costs of opening and closing together least, the number free unless "
            "given",
        ),
    ),
}
"""Every model in words; where facilities have costs or worths, the objective holds them too."""
