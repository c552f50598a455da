import type { Board, Context } from "@penpot/plugin-types";
import { DocumentStore } from "../../../../plugin/playground/document/document-store.ts";
import { createContext } from "../../../../plugin/playground/penpot-context/create-context.ts";
import { permissions } from "../../../../plugin/playground/penpot-context/plugin-session.ts";

export interface PluginInNode {
  readonly penpot: Context;
  readonly store: DocumentStore;
  readonly board: Board;
}

/** What a plugin with all permissions sees of a new file with one board, its children in their natural order. */
export function pluginInNode(storage?: Storage): PluginInNode {
  const store = new DocumentStore();
  const penpot = createContext({
    pluginId: "plugin",
    store,
    permissions: new Set(permissions),
    exportPng: async () => new Uint8Array([1]),
    viewCenter: () => ({ x: 0, y: 0 }),
    ...(storage && { storage }),
  });
  penpot.flags.naturalChildOrdering = true;
  const board = penpot.createBoard();
  board.resize(400, 300);
  return { penpot, store, board };
}

/**
 * An object as a careful plugin wraps what it was handed: members are read through a Proxy and come out wrapped, methods too,
 * and arguments go in as they are. Frozen before, as the runtime freezes.
 */
export function wrapped<T extends object>(target: T): T {
  return new Proxy(Object.freeze(target), {
    get(inner, name) {
      const value: unknown = Reflect.get(inner, name, inner);
      if (typeof value === "function")
        return (...args: unknown[]) => wrapValue(Reflect.apply(value, inner, args) as unknown);
      return wrapValue(value);
    },
    set: (inner, name, value) => Reflect.set(inner, name, value, inner),
  });
}

function wrapValue(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? wrapped(value) : value;
}
