/** A button that orders a report, says how it is coming, and leads to it. */

import { sentenceOf } from "./api";
import { el } from "./dom";
import { t } from "./i18n";

interface Look {
  /** The button's `data-action`. */
  action: string;
  label: string;
  class: string;
}

/** `order` resolves to the address of the finished page. */
export function reportButton(look: Look, order: () => Promise<string>): HTMLElement {
  const note = el("span", { class: "report-note", "aria-live": "polite" });
  const button = el(
    "button",
    { type: "button", "data-action": look.action, class: look.class },
    look.label,
  );
  button.addEventListener("click", () => {
    button.disabled = true;
    note.replaceChildren(t("report.running"));
    order()
      .then((href) => {
        const address = new URL(href, document.baseURI).href;
        note.replaceChildren(
          el("a", { href: address, target: "_blank", rel: "noopener" }, t("report.open")),
        );
      })
      .catch((error: unknown) => {
        note.replaceChildren(el("span", { class: "fault", role: "alert" }, sentenceOf(error)));
      })
      .finally(() => {
        button.disabled = false;
      });
  });
  return el("div", { class: "report" }, note, button);
}
