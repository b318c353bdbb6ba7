/** Asking the server for changes of the data: imports, exports, revisions, edits. */

import { call, finished, reach, Refusal, type Told } from "./api";
import type {
  EditedFeature,
  FeatureDifference,
  ImportReport,
  Revision,
  Tagged,
  Undone,
} from "./data_types";
import type { Feature, Job } from "./types";

/** What became of a file: its report, or also the sentence that refused it. */
export interface Brought {
  report: ImportReport | null;
  /** Why nothing was written. */
  refused: Refusal | null;
}

/** The address of an import's document out of a `Link` header; null where it names none. */
export function importOf(link: string | null): string | null {
  return /<([^<>]*\/api\/imports\/[^<>/]+)\/[^<>/]+>/.exec(link ?? "")?.[1] ?? null;
}

/** Sends a file with its options; `told` hears how far it is where the server makes it a job. */
export async function bringIn(form: FormData, told: Told): Promise<Brought> {
  let address: string | null = null;
  try {
    const response = await reach("api/imports", { method: "POST", body: form });
    if (response.status !== 202) return { report: await response.json(), refused: null };
    address = importOf(response.headers.get("link"));
    const href = await finished((await response.json()) as Job, { told });
    return { report: await call<ImportReport>(href), refused: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const known = address ?? importOf(error.headers?.get("link") ?? null);
    return { report: known === null ? null : await kept(known), refused: error };
  }
}

/** What the server remembers of an import; null where it remembers nothing. */
async function kept(address: string): Promise<ImportReport | null> {
  return call<ImportReport>(address).catch(() => null);
}

export interface ExportedFile {
  name: string;
  content: Blob;
  /** What the file does not hold. */
  notes: string[];
}

/** The name that a `Content-Disposition` gives a file. */
export function fileNameOf(disposition: string | null): string {
  const whole = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  if (whole !== undefined) return decodeURIComponent(whole);
  return /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? "export";
}

/** A layer as a file; `system` has a `crs` or a `datum`, or neither for the format's own. */
export async function exportLayer(
  layer: string,
  format: string,
  system: Record<string, string>,
): Promise<ExportedFile> {
  const query = new URLSearchParams({ format, ...system });
  const response = await reach(`api/layers/${encodeURIComponent(layer)}/export?${query}`, {});
  const notes = decodeURIComponent(response.headers.get("x-ouzhi-notes") ?? "");
  return {
    name: fileNameOf(response.headers.get("content-disposition")),
    content: await response.blob(),
    notes: notes.split("\n").filter((one) => one !== ""),
  };
}

export async function readRevisions(limit: number): Promise<Revision[]> {
  return (await call<{ revisions: Revision[] }>(`api/revisions?limit=${limit}`)).revisions;
}

export async function readChanges(revision: number): Promise<FeatureDifference[]> {
  return (await call<{ changes: FeatureDifference[] }>(`api/revisions/${revision}`)).changes;
}

/** Who changes something and why, for the record. */
export interface Signed {
  author: string;
  reason: string;
}

const signature = (signed: Signed): string =>
  new URLSearchParams({ author: signed.author, reason: signed.reason }).toString();

export const undoRevision = (revision: number, signed: Signed): Promise<Undone> =>
  call(`api/revisions/${revision}/undo?${signature(signed)}`, { method: "POST" });

const itemPath = (layer: string, id: string): string =>
  `api/layers/${encodeURIComponent(layer)}/items/${encodeURIComponent(id)}`;

export const tagOf = (headers: Headers | null): string => headers?.get("etag") ?? "*";

/** A feature as it stands now. */
export async function readFeature(layer: string, id: string): Promise<Tagged> {
  const response = await reach(itemPath(layer, id), { cache: "no-store" });
  return { feature: (await response.json()) as Feature, tag: tagOf(response.headers) };
}

/** Changes of a feature: values by field, null for one that is not given any more. */
export interface FeaturePatch {
  properties: Record<string, unknown>;
  geometry?: GeoJSON.Geometry;
}

export const changeFeature = (
  layer: string,
  id: string,
  patch: FeaturePatch,
  tag: string,
  signed: Signed,
): Promise<EditedFeature> =>
  call(`${itemPath(layer, id)}?${signature(signed)}`, {
    method: "PATCH",
    headers: { "content-type": "application/json", "if-match": tag },
    body: JSON.stringify({ type: "Feature", ...patch }),
  });

export async function deleteFeature(
  layer: string,
  id: string,
  tag: string,
  signed: Signed,
): Promise<void> {
  await reach(`${itemPath(layer, id)}?${signature(signed)}`, {
    method: "DELETE",
    headers: { "if-match": tag },
  });
}
