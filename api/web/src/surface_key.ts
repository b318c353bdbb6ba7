/** The key of a surface: its colours, how much of the view has each, and what is not coloured. */

import { el, setText } from "./dom";
import { fixed, percent } from "./format";
import { t } from "./i18n";
import { LEAST, MOST, NO_DATA, UNSUITABLE } from "./levels";
import type { Census } from "./surface_layer";
import {
  css,
  dotted,
  hatched,
  pattern,
  pixelsOf,
  type Range,
  shadeOf,
  WHOLE_RANGE,
} from "./surface_palette";

const WIDTH = MOST - LEAST + 1;
const HEIGHT = 44;
const BARS = 64;
const SIGN = 16;
/** The share of the suitable at either end that stretched colours do not tell apart. */
const TAIL = 0.02;

/** What a census comes to; shares of all pixels in view inside the search area. */
export interface Digest {
  excluded: number;
  unknown: number;
  /** Of the suitable: the value that half of them reach; null where there are none. */
  median: number | null;
  /** The levels that all but the lowest and highest few of the suitable lie between. */
  range: Range;
  /** How many suitable pixels fall into each of `BARS` equal parts of the values. */
  bars: number[];
}

export function digest({ counts, pixels }: Census): Digest {
  const share = (colour: number): number => (pixels > 0 ? (counts[colour] ?? 0) / pixels : 0);
  const suitable = counts.slice(LEAST).reduce((sum, one) => sum + one, 0);
  const bars = Array.from({ length: BARS }, () => 0);
  let [below, median] = [0, null as number | null];
  let [low, high] = WHOLE_RANGE;
  for (let colour = LEAST; colour <= MOST; colour++) {
    const count = counts[colour] ?? 0;
    const bar = Math.floor(((colour - LEAST) * BARS) / WIDTH);
    bars[bar] = (bars[bar] ?? 0) + count;
    if (below <= TAIL * suitable) low = colour;
    if (below < (1 - TAIL) * suitable) high = colour;
    below += count;
    if (median === null && count > 0 && 2 * below >= suitable) {
      median = (colour - LEAST) / (MOST - LEAST);
    }
  }
  const range: Range = suitable > 0 && low < high ? [low, high] : WHOLE_RANGE;
  return { excluded: share(UNSUITABLE), unknown: share(NO_DATA), median, range, bars };
}

/** Kept in memory: these are small, and tests and readers of colours look at them. */
const drawing = (canvas: HTMLCanvasElement): CanvasRenderingContext2D | null =>
  canvas.getContext("2d", { willReadFrequently: true });

function sign(name: string, text: string, pixel: (x: number, y: number) => number): HTMLElement {
  const canvas = el("canvas", { width: SIGN, height: SIGN, "data-sign": name, "aria-hidden": "true" });
  const image = new ImageData(SIGN, SIGN);
  new Uint32Array(image.data.buffer).set(pattern(SIGN, pixel));
  drawing(canvas)?.putImageData(image, 0, 0);
  return el("li", { "data-of": name }, canvas, el("span", {}, text), el("span", { class: "num" }));
}

export class SurfaceKey {
  readonly #ramp = el("canvas", {
    width: WIDTH,
    height: 1,
    class: "surface-ramp",
    "data-sign": "ramp",
    "aria-hidden": "true",
  });
  readonly #bars = el("canvas", {
    width: 2 * WIDTH,
    height: 2 * HEIGHT,
    class: "surface-histogram",
    role: "img",
    title: t("surface.rootScale"),
  });
  readonly #excluded = sign("excluded", t("surface.excluded"), hatched);
  readonly #unknown = sign("unknown", t("surface.unknown"), dotted);
  readonly #median = el("p", { class: "surface-median" });

  /** `stretched` hears whether the colours shall run over the values in view alone. */
  constructor(root: HTMLElement, stretch: boolean, stretched: (yes: boolean) => void) {
    root.setAttribute("aria-label", t("key.title"));
    const input = el("input", { type: "checkbox", name: "stretch", checked: stretch });
    input.addEventListener("change", () => stretched(input.checked));
    const outside = el("li", {}, el("i", { class: "sign-outside" }), t("surface.outside"));
    root.replaceChildren(
      el(
        "div",
        { class: "surface-key" },
        el("p", { class: "scale-title" }, t("surface.inView")),
        this.#bars,
        this.#ramp,
        el(
          "p",
          { class: "surface-axis", "aria-hidden": "true" },
          ...[0, 0.5, 1].map((value) => el("span", {}, fixed(value, 1))),
        ),
        this.#median,
        el("label", { class: "stretch" }, input, t("surface.stretch")),
        el("ul", { class: "signs" }, this.#excluded, this.#unknown, outside),
      ),
    );
    const nothing = { excluded: 0, unknown: 0, median: null, range: WHOLE_RANGE, bars: [] };
    this.tell(nothing, WHOLE_RANGE);
  }

  /** Shows what the view holds, in colours that run over `range`. */
  tell(found: Digest, range: Range): void {
    const image = new ImageData(WIDTH, 1);
    new Uint32Array(image.data.buffer).set(pixelsOf(range).subarray(LEAST));
    drawing(this.#ramp)?.putImageData(image, 0, 0);
    const context = drawing(this.#bars);
    const { width, height } = this.#bars;
    context?.clearRect(0, 0, width, height);
    const highest = Math.max(1, ...found.bars);
    found.bars.forEach((count, i) => {
      if (!context || count === 0) return;
      // A few values hold most of a city: by the root the rest can be seen beside them.
      const tall = Math.max(2, Math.sqrt(count / highest) * height);
      const level = Math.min(MOST, LEAST + Math.round(((i + 0.5) * WIDTH) / BARS));
      const [left, right] = [i, i + 1].map((edge) => Math.round((edge * width) / BARS));
      context.fillStyle = css(shadeOf(level, range));
      context.fillRect(left ?? 0, height - tall, (right ?? 0) - (left ?? 0), tall);
    });
    const median = found.median === null ? t("value.none") : fixed(found.median, 2);
    setText(this.#median, t("surface.median", { value: median }));
    this.#bars.setAttribute("aria-label", t("surface.histogram", { value: median }));
    for (const [item, share] of [
      [this.#excluded, found.excluded],
      [this.#unknown, found.unknown],
    ] as const) {
      const number = item.querySelector(".num");
      if (number) setText(number, percent(share, 1));
    }
  }
}
