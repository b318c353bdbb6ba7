/** Cautions beside the figures they concern, and faults in place of the answer. */

import { el } from "./dom";
import { t } from "./i18n";

export function fault(sentence: string): HTMLElement {
  return el("p", { class: "fault", role: "alert" }, sentence);
}

export function busy(): HTMLElement {
  return el("p", { class: "busy" }, t("wait"));
}

/** One line that heads an answer. */
export function heading(sentence: string): HTMLElement {
  const [lead, ...rest] = sentence.split(/(?<=[:：])|(?= ?[（(])/);
  return el("p", { class: "caution-head" }, el("strong", {}, lead), rest.join(""));
}

export function cautionList(sentences: readonly string[]): HTMLElement {
  return el("ul", { class: "cautions" }, ...sentences.map((one) => el("li", {}, one)));
}

/** Cautions folded behind their number; nothing where there are none. */
export function cautionFold(sentences: readonly string[]): HTMLElement | null {
  if (sentences.length === 0) return null;
  return el(
    "details",
    { class: "caution-fold" },
    el("summary", {}, t("caution.fold", { count: sentences.length })),
    cautionList(sentences),
  );
}

export function chip(
  text: string,
  kind: "plain" | "caution" | "accent" = "plain",
  title = "",
): HTMLElement {
  return el("span", { class: `chip ${kind}`, title: title || null }, text);
}

/** The head of a caution beside a figure; the whole sentence on hover. */
export function shortCaution(sentence: string): HTMLElement {
  const [lead = sentence] = sentence.split(/[:：；;。（(.]/);
  return chip(lead.trim(), "caution", sentence);
}
