/** The hatching of what is left out: one pattern that the map and the legend both use. */

import { svg } from "./dom";

export function addHatch(): void {
  const line = svg("path", {
    d: "M-1 6L6 -1M-1 1L1 -1M4 6L6 4",
    stroke: "#8b8f8d",
    "stroke-width": 1.1,
  });
  const pattern = svg(
    "pattern",
    { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse" },
    svg("rect", { width: 5, height: 5, fill: "#eceae4" }),
    line,
  );
  document.body.append(
    svg("svg", { class: "hatch", "aria-hidden": "true" }, svg("defs", {}, pattern)),
  );
}
