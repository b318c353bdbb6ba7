/** What came of asking: a value, or the sentence that says why there is none. */

import { sentenceOf } from "./api";

export type Outcome<T> = { value: T; fault?: never } | { fault: string; value?: never };

export async function attempt<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { fault: sentenceOf(error) };
  }
}
