/**
 * Where a batch stands, told as if its variants were drawn one after the other: half way through two of them, the first
 * one counts as finished. So the work's share that is done is right whoever counts it.
 *
 * @param step steps finished by all of the batch, 1-based
 * @returns index in the batch, and the steps that one has finished
 */
export function batchShare(
  step: number,
  steps: number,
  batch: number,
): { readonly index: number; readonly step: number } {
  const done = step * batch;
  const index = Math.floor((done - 1) / steps);
  return { index, step: done - index * steps };
}
