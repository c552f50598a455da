/**
 * One object with all members of the parts, as accessors without data of their own: the runtime freezes all it hands out, and
 * a plugin may wrap what it got in a Proxy, which must answer a frozen data property as it is. Methods do not enumerate, so
 * that the object can be cloned as data.
 */
export function pluginObject(...parts: readonly object[]): object {
  const object = {};
  for (const part of parts)
    for (const [name, { get, set, value }] of Object.entries(Object.getOwnPropertyDescriptors(part))) {
      const read = get ?? (() => value);
      const enumerable = typeof value !== "function";
      Object.defineProperty(object, name, { get: read, ...(set && { set }), enumerable, configurable: true });
    }
  return object;
}

/** A value object as Penpot hands it out: reading reads the document, and assigning a member writes it there. */
export function liveObject<T extends object>(
  keys: readonly (keyof T & string)[],
  read: () => T,
  write: (change: Partial<T>) => void,
): T {
  const now = read();
  const object = {};
  for (const key of keys)
    Object.defineProperty(object, key, {
      get: () => read()[key],
      set: (value) => write({ [key]: value } as Partial<T>),
      enumerable: now[key] !== undefined,
      configurable: true,
    });
  return object as T;
}
