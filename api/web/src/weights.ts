/** Raw slider positions and the weights they stand for. */

export type Weights = Record<string, number>;

/** One slider's full travel. */
export const FULL = 100;

/** Weights that cannot rank anything; `reason` names a text. */
export class WeightsError extends Error {
  constructor(readonly reason: "weights.zero" | "weights.bad") {
    super(reason);
  }
}

/**
 * Raw numbers divided by their sum, in the order given (the server adds in the same order).
 * Throws WeightsError for a number that is missing, negative or not finite, and when all are zero.
 */
export function normalise(raw: Weights, order: readonly string[]): Weights {
  let sum = 0;
  for (const id of order) {
    const value = raw[id];
    if (value === undefined || !Number.isFinite(value) || value < 0) {
      throw new WeightsError("weights.bad");
    }
    sum += value;
  }
  if (!(sum > 0)) throw new WeightsError("weights.zero");
  const weights: Weights = {};
  for (const id of order) weights[id] = (raw[id] ?? 0) / sum;
  return weights;
}

/** Sum of the raw numbers of some criteria. */
export function total(raw: Weights, ids: readonly string[]): number {
  return ids.reduce((sum, id) => sum + (raw[id] ?? 0), 0);
}

function proportions(raw: Weights, ids: readonly string[], defaults: Weights): Weights {
  const basis = total(raw, ids) > 0 ? raw : defaults;
  const sum = total(basis, ids);
  return Object.fromEntries(
    ids.map((id) => [id, sum > 0 ? (basis[id] ?? 0) / sum : 1 / ids.length]),
  );
}

/**
 * The raw numbers after a group's slider has moved to `share` (0–100, its part of the whole).
 * Inside the group and among the rest the proportions stay (the default ones where all stand
 * at zero); no number passes the full travel. `defaults` holds every criterion.
 */
export function scaleGroup(
  raw: Weights,
  members: readonly string[],
  share: number,
  defaults: Weights,
): Weights {
  const all = Object.keys(defaults);
  const rest = all.filter((id) => !members.includes(id));
  const whole = total(defaults, all);
  const group = (whole * share) / FULL;
  const scaled: Weights = {};
  for (const [ids, sum] of [
    [members, group],
    [rest, whole - group],
  ] as const) {
    const parts = proportions(raw, ids, defaults);
    for (const id of ids) scaled[id] = sum * (parts[id] ?? 0);
  }
  const largest = Math.max(...Object.values(scaled));
  if (largest <= FULL) return scaled;
  return Object.fromEntries(all.map((id) => [id, ((scaled[id] ?? 0) * FULL) / largest]));
}

/** Slider positions that stand for a run's own weights: the heaviest at half travel. */
export function positions(criteria: readonly { id: string; weight: number }[]): Weights {
  const heaviest = Math.max(...criteria.map(({ weight }) => weight));
  const scale = heaviest > 0 ? FULL / 2 / heaviest : 0;
  return Object.fromEntries(criteria.map(({ id, weight }) => [id, weight * scale]));
}
