"""A stopwatch for one step of a run, that tells the run's own no less than is known already."""

from __future__ import annotations

import numpy as np

from geo.location.watch import Progress, Watch

_INSTANT = 1e-9


def relayed(watch: Watch, *, known: float, bound: float, maximise: bool) -> Watch:
    """Return a watch of the time that is left; what it hears is passed on to `watch`.

    `known` and `bound` are the objective and the bound that the run has already (NaN: none): what
    is passed on is never worse. A cancel comes back.
    """
    better, tighter = (np.fmax, np.fmin) if maximise else (np.fmin, np.fmax)

    def tell(seen: Progress) -> bool:
        return watch.go_on(
            incumbent=float(better(known, seen.incumbent)),
            bound=float(tighter(bound, seen.bound)),
            nodes=seen.nodes,
        )

    left = watch.left_s
    return Watch(None if left is None else max(left, _INSTANT), tell, clock=watch.clock)
