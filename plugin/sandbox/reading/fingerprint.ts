/** Digits of positions that count, in pixels of a picture: what is nearer is the noise of arithmetic. */
const DIGITS = 3;

/** A short text that differs, as good as surely, where the facts do (cyrb53, 53 bits). */
export function fingerprint(facts: unknown): string {
  const text = JSON.stringify(facts, (_, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toFixed(DIGITS)) : value,
  );
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
