import type { EventsMap } from "@penpot/plugin-types";
import type { Snapshot } from "../document/document-store.ts";
import type { ShapeId } from "../document/shape.ts";
import { createFile } from "./file/file.ts";
import { createPage } from "./file/page.ts";
import type { PluginSession } from "./plugin-session.ts";
import { shapeProxy } from "./shapes/shape-proxy.ts";

/** Penpot calls listeners this long after the last change. */
const DEBOUNCE_MS = 10;

type Change<T> = { readonly value: T } | undefined;
/** What changed for listeners of an event type, if anything did. */
type Detector<T extends keyof EventsMap> = (
  session: PluginSession,
  next: Snapshot,
  previous: Snapshot,
  shapeId: ShapeId | undefined,
) => Change<EventsMap[T]>;

const detectors: { readonly [T in keyof EventsMap]?: Detector<T> } = {
  selectionchange: (_, next, previous) =>
    next.selection === previous.selection ? undefined : { value: [...next.selection] },
  themechange: (_, next, previous) => (next.theme === previous.theme ? undefined : { value: next.theme }),
  shapechange: (session, next, previous, shapeId) => {
    const shape = shapeId && next.document.shapes.get(shapeId);
    return shape && shape !== previous.document.shapes.get(shape.id)
      ? { value: shapeProxy(session, shape.id) }
      : undefined;
  },
  pagechange: (session, next, previous) =>
    next.document.pageId === previous.document.pageId
      ? undefined
      : { value: createPage(session, next.document.pageId) },
  filechange: (session, next, previous) =>
    next.document.fileId === previous.document.fileId ? undefined : { value: createFile(session) },
  // Nothing has to be sent anywhere: what changed is kept.
  contentsave: (_, next, previous) => (next.document === previous.document ? undefined : { value: undefined }),
};

/** Penpot's events: asynchronous, debounced with the last value, and safe from what a listener throws. */
export class Listeners {
  readonly #session: PluginSession;
  readonly #removers = new Map<symbol, () => void>();

  constructor(session: PluginSession) {
    this.#session = session;
  }

  add<T extends keyof EventsMap>(
    type: T,
    callback: (event: EventsMap[T]) => void,
    props?: { readonly [key: string]: unknown },
  ): symbol {
    const id = Symbol(type);
    const detect: Detector<T> | undefined = detectors[type];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = this.#session.store.subscribe((next, previous) => {
      const change = detect?.(this.#session, next, previous, props?.shapeId as ShapeId | undefined);
      if (!change) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        try {
          callback(change.value);
        } catch (error) {
          console.error(error);
        }
      }, DEBOUNCE_MS);
    });
    this.#removers.set(id, unsubscribe);
    return id;
  }

  remove(id: symbol): void {
    this.#removers.get(id)?.();
    this.#removers.delete(id);
  }
}
