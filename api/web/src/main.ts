import "leaflet/dist/leaflet.css";
import "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/inputs.css";
import "./styles/results.css";
import "./styles/panel.css";
import "./styles/map.css";
import "./styles/surface.css";
import "./styles/data.css";

import { readHealth, sentenceOf } from "./api";
import { byId } from "./dom";
import { addHatch } from "./hatch";
import { rememberedLanguage, speak } from "./language";
import { busy, fault } from "./notices";
import { initialState, Store } from "./store";
import type { Lang } from "./types";
import { Workbench } from "./workbench";
import { loadWorld, STAGES } from "./world";

/** The language the server was started in; Chinese where it does not answer, which is told later. */
async function servedLanguage(): Promise<Lang> {
  try {
    return (await readHealth()).lang;
  } catch {
    return "zh";
  }
}

async function start(): Promise<void> {
  const lang = rememberedLanguage() ?? (await servedLanguage());
  speak(lang);
  addHatch();
  const content = byId("content");
  content.replaceChildren(busy());
  try {
    const world = await loadWorld(null, STAGES.zone);
    new Workbench(new Store(initialState(lang)), world).show();
  } catch (error) {
    content.replaceChildren(fault(sentenceOf(error)));
  }
}

void start();
