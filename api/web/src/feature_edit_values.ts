/** Values of a feature as they are typed, what differs, and two versions side by side. */

import type { Feature, Field, Value } from "./types";

/** Fields that are computed, or are no matter of an edit. */
const NOT_EDITED = new Set(["id", "ref_lon", "ref_lat", "geometry_kind"]);

/** What is typed, by field. */
export type Typed = Readonly<Record<string, string>>;

export function editedFields(fields: readonly Field[]): Field[] {
  return fields.filter((one) => !NOT_EDITED.has(one.name));
}

/** A value as its input shows it; what is not given is empty. */
export function typedOf(value: Value | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/**
 * What an input says: null where it is empty. A number that is none stays text, so that the server
 * can say what it expects.
 */
export function valueOf({ type }: Field, typed: string): Value {
  const text = typed.trim();
  if (text === "") return null;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "real" || type === "integer") {
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }
  return text;
}

/** The values that differ from those of a feature. */
export function changesOf(
  fields: readonly Field[],
  { properties }: Feature,
  typed: Typed,
): Record<string, Value> {
  const changes: Record<string, Value> = {};
  for (const field of fields) {
    const now = typed[field.name];
    const before = typedOf(properties[field.name]);
    if (now === undefined || now.trim() === before.trim()) continue;
    changes[field.name] = valueOf(field, now);
  }
  return changes;
}

/** One field of two versions; `mine` is undefined where I have not changed it. */
export interface Compared {
  field: Field;
  read: Value;
  present: Value;
  mine: Value | undefined;
}

/** The fields that somebody else has changed since they were read, or I have. */
export function compared(
  fields: readonly Field[],
  read: Feature,
  present: Feature,
  mine: Readonly<Record<string, Value>>,
): Compared[] {
  return fields
    .map((field) => ({
      field,
      read: read.properties[field.name] ?? null,
      present: present.properties[field.name] ?? null,
      mine: mine[field.name],
    }))
    .filter((one) => one.read !== one.present || one.mine !== undefined);
}

export function sameShape(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
