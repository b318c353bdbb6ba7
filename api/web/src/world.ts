/** Everything the server told us, in one value. */

import { readHealth, readItems, readLayers, readScenarios, runSiting, sentenceOf } from "./api";
import type { SitingTab } from "./store";
import type { Feature, Health, LayerInfo, ScenarioInfo, SitingRun } from "./types";

/** A value, or the sentence that says why there is none. */
export type Outcome<T> = { value: T; fault?: never } | { fault: string; value?: never };

export interface Entry {
  layer: string;
  feature: Feature;
}

export interface World {
  health: Health;
  layers: LayerInfo[];
  items: Map<string, Feature[]>;
  index: Map<string, Entry>;
  scenarios: ScenarioInfo[];
  sitings: Record<SitingTab, Outcome<SitingRun>>;
}

export const SCENARIOS: Record<SitingTab, string> = {
  district: "core-district",
  zone: "core-zone",
};

export async function attempt<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { fault: sentenceOf(error) };
  }
}

async function loadItems(layers: LayerInfo[]): Promise<Map<string, Feature[]>> {
  const filled = layers.filter((layer) => !layer.empty);
  const collections = await Promise.all(filled.map((layer) => readItems(layer.id)));
  return new Map(filled.map((layer, i) => [layer.id, collections[i]?.features ?? []]));
}

function indexed(items: Map<string, Feature[]>): Map<string, Entry> {
  const index = new Map<string, Entry>();
  for (const [layer, features] of items) {
    for (const feature of features) index.set(feature.id, { layer, feature });
  }
  return index;
}

/** Loads the world in the current language; features, which carry both, are kept from `before`. */
export async function loadWorld(before: World | null): Promise<World> {
  const listed = readLayers();
  const [health, layers, scenarios, items, district, zone] = await Promise.all([
    readHealth(),
    listed,
    readScenarios(),
    before?.items ?? listed.then(loadItems),
    attempt(runSiting(SCENARIOS.district)),
    attempt(runSiting(SCENARIOS.zone)),
  ]);
  const index = before?.index ?? indexed(items);
  return { health, layers, items, index, scenarios, sitings: { district, zone } };
}
