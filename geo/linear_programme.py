"""Small dense linear programmes, solved by HiGHS."""

from __future__ import annotations

import highspy
import numpy as np

from geo.arrays import Floats

TOLERANCE = 1e-10
"""By how much a constraint may be missed: the least that HiGHS accepts."""


def minimise(
    cost: Floats,
    *,
    rows: Floats,
    row_low: Floats,
    row_high: Floats,
    low: Floats,
    high: Floats,
) -> Floats | None:
    """Return x of least cost·x with low <= x <= high and row_low <= rows·x <= row_high.

    None where nothing meets all constraints. `rows`: (constraints, variables). The programme must
    be bounded. Raises `RuntimeError` where HiGHS fails, which no user's input should bring about.
    """
    constraint, variable = np.nonzero(rows)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(cost), len(rows)
    programme.col_cost_, programme.col_lower_, programme.col_upper_ = cost, low, high
    programme.row_lower_, programme.row_upper_ = row_low, row_high
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    counts = np.bincount(constraint, minlength=len(rows))
    programme.a_matrix_.start_ = np.r_[0, np.cumsum(counts)]
    programme.a_matrix_.index_ = variable
    programme.a_matrix_.value_ = rows[constraint, variable]
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("primal_feasibility_tolerance", TOLERANCE)
    solver.setOptionValue("dual_feasibility_tolerance", TOLERANCE)
    solver.passModel(programme)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS stopped with {solver.modelStatusToString(status)}")
    return np.array(solver.getSolution().col_value)
