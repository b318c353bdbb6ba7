/** The questions: which district, zone, four bounds, site for another purpose, hubs where; and the data. */

import { el } from "./dom";
import { t } from "./i18n";
import type { Store, Tab } from "./store";

const TABS: readonly Tab[] = ["district", "zone", "bounds", "more", "hubs", "data"];

export function renderTabs(root: HTMLElement, store: Store): void {
  const { tab } = store.state;
  const focused = document.activeElement?.hasAttribute("data-tab") ?? false;
  const buttons = TABS.map((one) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${one}`,
        "data-tab": one,
        "aria-selected": String(one === tab),
        "aria-controls": "content",
        tabindex: one === tab ? 0 : -1,
        click: () => store.set({ tab: one, selected: null }),
      },
      t(`tab.${one}`),
    ),
  );
  const list = el(
    "div",
    { role: "tablist", "aria-label": t("tab.label"), class: "tabs" },
    ...buttons,
  );
  list.addEventListener("keydown", ({ key }) => {
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? TABS.length - 1 : 0;
    const next = TABS[(TABS.indexOf(tab) + step) % TABS.length];
    if (step > 0 && next) store.set({ tab: next, selected: null });
  });
  root.replaceChildren(list);
  if (focused) buttons[TABS.indexOf(tab)]?.focus();
}
