/** The language of the page, remembered from visit to visit. */

import { setLanguage, t } from "./i18n";
import type { Lang } from "./types";

const STORED = "ouzhi.language";

/** The language chosen last, else Chinese. */
export function rememberedLanguage(): Lang {
  try {
    return localStorage.getItem(STORED) === "en" ? "en" : "zh";
  } catch {
    return "zh";
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
