/** The language of the page, remembered from visit to visit. */

import { setLanguage, t } from "./i18n";
import type { Lang } from "./types";

const STORED = "ouzhi.language";

/** The language of the last visit; null at the first one, or where the browser keeps nothing. */
export function rememberedLanguage(): Lang | null {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === "en" || stored === "zh" ? stored : null;
  } catch {
    return null;
  }
}

/** Makes the page speak `lang` and remembers it where the browser lets us. */
export function speak(lang: Lang): void {
  setLanguage(lang);
  document.documentElement.lang = lang;
  document.title = t("app.title");
  try {
    localStorage.setItem(STORED, lang);
  } catch {
    return; // storage refused: the choice lasts for this page only
  }
}
