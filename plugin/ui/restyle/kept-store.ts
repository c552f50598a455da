/** Values that stay until the next time the panel is opened, where the browser lets a framed page keep anything. */
export interface KeptStore {
  get(key: string): Promise<unknown>;
  /** Whatever structured cloning takes. */
  set(key: string, value: unknown): Promise<void>;
  /** False where nothing stays longer than the panel is open. */
  readonly isLasting: Promise<boolean>;
}

const DATABASE = "overpaint";
const STORE = "kept";

/** A store in IndexedDB; in memory where that is blocked, so that it lasts as long as the panel. */
export function openKeptStore(factory: () => IDBFactory): KeptStore {
  const memory = new Map<string, unknown>();
  const database = openDatabase(factory);
  return {
    isLasting: database.then(
      () => true,
      () => false,
    ),
    get: async (key) => {
      try {
        return await resultOf((await database).transaction(STORE).objectStore(STORE).get(key));
      } catch {
        return memory.get(key);
      }
    },
    set: async (key, value) => {
      try {
        await resultOf((await database).transaction(STORE, "readwrite").objectStore(STORE).put(value, key));
      } catch {
        memory.set(key, value);
      }
    },
  };
}

async function openDatabase(factory: () => IDBFactory): Promise<IDBDatabase> {
  const request = factory().open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return await resultOf(request);
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
