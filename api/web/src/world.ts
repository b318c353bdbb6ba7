/** Everything the server told us, in one value. */

import { readHealth, readItems, readLayers, readScenarios } from "./api";
import { Runs } from "./runs";
import type { SitingTab } from "./store";
import type { Feature, Health, LayerInfo, ScenarioInfo } from "./types";

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
  runs: Runs;
}

/** The two stages of the core zone, each with a tab of its own. */
export const STAGES = { district: "core-district", zone: "core-zone" } as const;

/** The siting scenarios that share the third tab. */
export function furtherScenarios({ scenarios }: World): ScenarioInfo[] {
  const stages: readonly string[] = Object.values(STAGES);
  return scenarios.filter((one) => one.kind === "siting" && !stages.includes(one.id));
}

/** The scenario of a tab, the first of several where none is chosen; null where there is none. */
export function scenarioOf(
  world: World,
  tab: SitingTab,
  chosen: Readonly<Record<SitingTab, string | null>>,
): string | null {
  return chosen[tab] ?? furtherScenarios(world)[0]?.id ?? null;
}

/** A layer of more features is not drawn one by one. */
export const MOST_DRAWN = 20_000;

async function loadItems(layers: LayerInfo[]): Promise<Map<string, Feature[]>> {
  const filled = layers.filter((layer) => !layer.empty && layer.features <= MOST_DRAWN);
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

/**
 * Loads the world in the current language, with the ranking of the scenario that is to be shown
 * first; features, which carry both languages, are kept from `before`, and so are the runs.
 */
export async function loadWorld(before: World | null, first: string): Promise<World> {
  const listed = readLayers();
  const runs = before?.runs ?? new Runs();
  const [health, layers, scenarios, items] = await Promise.all([
    readHealth(),
    listed,
    readScenarios(),
    before?.items ?? listed.then(loadItems),
    runs.read(first),
  ]);
  const index = before?.index ?? indexed(items);
  return { health, layers, items, index, scenarios, runs };
}
