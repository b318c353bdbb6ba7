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

function cautionList(sentences: readonly string[]): HTMLElement {
  return el("ul", { class: "cautions" }, ...sentences.map((one) => el("li", {}, one)));
}

/** The first cautions in full, the others folded behind their number. */
export function cautions(sentences: readonly string[], first = 1): Node {
  const shown = document.createDocumentFragment();
  if (sentences.length > 0) shown.append(cautionList(sentences.slice(0, first)));
  const rest = sentences.slice(first);
  if (rest.length > 0) {
    shown.append(
      el(
        "details",
        { class: "caution-fold" },
        el("summary", {}, t("caution.more", { count: rest.length })),
        cautionList(rest),
      ),
    );
  }
  return shown;
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
