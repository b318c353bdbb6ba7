/** How often each rank falls to a site, as a small picture. */

import { svg } from "./dom";
import { type Bar, barsPath, type Frame, splitBars } from "./odds";
import type { Band } from "./siting_types";

/** Bars inside the band in full colour, those outside it pale; the words stand beside it. */
export function histogram(all: readonly Bar[], band: Band, frame: Frame): SVGSVGElement {
  const [inside, outside] = splitBars(all, band);
  return svg(
    "svg",
    {
      class: "histogram",
      viewBox: `0 0 ${frame.width} ${frame.height}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    svg("path", { class: "bars-out", d: barsPath(outside, frame) }),
    svg("path", { class: "bars-in", d: barsPath(inside, frame) }),
  );
}
