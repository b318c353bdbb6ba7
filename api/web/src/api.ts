/** Talking to the server. Every refusal becomes one sentence in the reader's language. */

import { language, t } from "./i18n";
import type {
  AreaAnswer,
  CoverageAnswer,
  DrawnPolygon,
  Fault,
  Feature,
  FeatureCollection,
  Health,
  HubRun,
  Job,
  LayerInfo,
  ScenarioInfo,
} from "./types";
import type { SitingRun } from "./siting_types";
import type { PlaceAnswer, Surface } from "./surface_types";
import type { Weights } from "./weights";
import type { ZoneDocument, ZoneRequest } from "./zone_types";

/** A refusal whose message can be shown as it stands. */
export class Refusal extends Error {
  constructor(
    message: string,
    /** What the server answered; null where it did not. */
    readonly problem: Problem | null = null,
    readonly headers: Headers | null = null,
  ) {
    super(message);
  }
}

/** Problem details (RFC 9457). */
export interface Problem {
  status?: number;
  title?: unknown;
  detail?: unknown;
  /** The faults of what was sent. */
  errors?: Fault[];
  /** A feature as it stands, where somebody else has changed it. */
  present?: Feature;
}

function isSentence(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

async function refusal(response: Response): Promise<Refusal> {
  const told = (await response.json().catch(() => ({}))) as Problem;
  const problem = { ...told, status: response.status };
  const sentence = [problem.detail, problem.title].find(isSentence);
  const said = sentence ?? t("fault.status", { status: response.status });
  return new Refusal(said, problem, response.headers);
}

export async function reach(path: string, init: RequestInit, worded = true): Promise<Response> {
  const address = new URL(path, document.baseURI);
  if (worded) address.searchParams.set("lang", language());
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(t("fault.unreachable"));
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await reach(path, init)).json()) as T;
}

function posted(body: unknown, signal?: AbortSignal): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  };
}

function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return call<T>(path, posted(body, signal));
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Refusal ? error.message : t("fault.unknown");
}

export const readHealth = (): Promise<Health> => call("api/health");

export async function readLayers(): Promise<LayerInfo[]> {
  return (await call<{ layers: LayerInfo[] }>("api/layers")).layers;
}

export const readItems = (layer: string): Promise<FeatureCollection> =>
  call(`api/layers/${encodeURIComponent(layer)}/items`);

export async function readScenarios(): Promise<ScenarioInfo[]> {
  return (await call<{ scenarios: ScenarioInfo[] }>("api/scenarios")).scenarios;
}

/** How a siting scenario is to be run; what is left out stays as it declares. */
export interface SitingOptions {
  weights?: Weights;
  method?: string;
  attitude?: number;
  smaa?: number;
  seed?: number;
  overtake?: { ahead: string; behind?: string };
  audit?: boolean;
  compare?: { scenario: string; weights?: Weights; method?: string };
}

/** Learns of every state of a job. */
export type Told = (job: Job) => void;

/** Runs a siting scenario, and waits for the run where the server makes a job of it. */
export const runSiting = (
  scenario: string,
  options: SitingOptions = {},
  signal?: AbortSignal,
): Promise<SitingRun> => run(scenario, options, { signal });

/** What is asked of a location scenario beyond its plans. */
export interface LocationOptions {
  reading?: string;
  k_best?: number;
  draws?: number;
  seed?: number;
}

/** Runs a scenario that places or shares out; `told` hears how far it has come where it is a job. */
export const runHubs = (
  scenario: string,
  options: LocationOptions = {},
  told?: Told,
): Promise<HubRun> => run(scenario, options, { told });

interface Waiting {
  signal?: AbortSignal | undefined;
  told?: Told | undefined;
}

/** The surface of a siting scenario; `told` hears how far it has come where it is a job. */
export async function readSurface(scenario: string, told?: Told): Promise<Surface> {
  const response = await reach(`api/scenarios/${encodeURIComponent(scenario)}/surface`, {});
  if (response.status !== 202) return (await response.json()) as Surface;
  return call<Surface>(await finished((await response.json()) as Job, { told }));
}

/** The bytes of a surface's tile, the same in every language; null where it shows nothing. */
export async function readTile(path: string): Promise<ArrayBuffer | null> {
  const response = await reach(path, {}, false);
  return response.status === 204 ? null : response.arrayBuffer();
}

/** What a surface holds at a place, exactly. */
export const readPlace = (hash: string, lon: number, lat: number): Promise<PlaceAnswer> =>
  call(`api/surfaces/${encodeURIComponent(hash)}/at?lon=${lon}&lat=${lat}`);

/** Delineates a zone; `told` hears how far it has come. */
export const runZone = (scenario: string, request: ZoneRequest, told: Told): Promise<ZoneDocument> =>
  run(scenario, request, { told }, "zone");

async function run<T>(
  scenario: string,
  options: object,
  waiting: Waiting,
  action = "run",
): Promise<T> {
  const path = `api/scenarios/${encodeURIComponent(scenario)}/${action}`;
  const response = await reach(path, posted(options, waiting.signal));
  if (response.status !== 202) return (await response.json()) as T;
  return call<T>(await finished((await response.json()) as Job, waiting), cut(waiting.signal));
}

/** Asks a job to end: it comes to an end with what it has. */
export const cancelJob = (id: string): Promise<Job> =>
  call(`api/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });

export const measureArea = (polygon: DrawnPolygon): Promise<AreaAnswer> =>
  post("api/area", polygon);

export const coverWithin = (polygon: DrawnPolygon, demand: string): Promise<CoverageAnswer> =>
  post("api/coverage", { within: polygon.geometry, demand });

export const coverRadius = (
  facilities: string,
  demand: string,
  radiusM: number,
): Promise<CoverageAnswer> => post("api/coverage", { facilities, demand, radius_m: radiusM });

const POLL_MS = 700;
const cut = (signal?: AbortSignal): RequestInit => (signal ? { signal } : {});

/** Waits for a job; resolves to the address of its result. */
export async function finished(started: Job, { signal, told }: Waiting = {}): Promise<string> {
  let job = started;
  told?.(job);
  while (job.status === "running") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = await call<Job>(`api/jobs/${encodeURIComponent(job.id)}`, cut(signal));
    told?.(job);
  }
  if (job.status === "done" && job.result) return job.result.href;
  if (job.status === "cancelled") throw new Refusal(t("job.cancelled"));
  const { error } = job;
  const detail = typeof error === "string" ? error : (error?.detail ?? error?.title);
  throw new Refusal(detail ?? t("fault.unknown"));
}

async function report(request: object): Promise<string> {
  return finished(await post<Job>("api/reports", { ...request, lang: language() }));
}

/** Orders the report of a ranking and waits for it; resolves to the address of the finished page. */
export const makeReport = (scenario: string, weights: Weights | null): Promise<string> =>
  report({ kind: "core-zone", scenario, weights });

/** Orders the report of a zone, which is delineated once more for it. */
export const makeZoneReport = (scenario: string, zone: ZoneRequest): Promise<string> =>
  report({ kind: "zone", scenario, zone });
