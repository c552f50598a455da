/** `map` that answers the same object for the same object, so that what is equal is worked on once. */
export function eachOnce<From, To>(values: readonly From[], map: (value: From) => To): To[] {
  const known = new Map<From, To>();
  for (const value of values) if (!known.has(value)) known.set(value, map(value));
  return values.map((value) => known.get(value)!); // each was put in above
}
