import type { LocalStorage, Shape, Viewport } from "@penpot/plugin-types";
import { z } from "zod";
import { pluginObject } from "./plugin-object.ts";
import type { PluginSession } from "./plugin-session.ts";
import { parsed, shapeIdOf } from "./shapes/shape-handle.ts";

const point = z.object({ x: z.number(), y: z.number() });

/** The part of the page that shows. */
export function viewportMembers(session: PluginSession): Viewport {
  const { viewCenter, view } = session.options;
  return pluginObject({
    get center() {
      return viewCenter();
    },
    set center(value) {
      view?.setCenter(parsed(point, value));
    },
    get zoom() {
      return view?.zoom ?? 1;
    },
    set zoom(value) {
      view?.setZoom(parsed(z.number().positive(), value));
    },
    get bounds() {
      return view?.bounds ?? { ...viewCenter(), width: 0, height: 0 };
    },
    zoomReset: () => view?.setZoom(1),
    zoomToFitAll: () => view?.fit(),
    zoomIntoView: (shapes: readonly Shape[]) => view?.fit(shapes.map(shapeIdOf)),
  }) as Viewport;
}

/** What a plugin keeps in the browser. Penpot puts the plugin's id before its keys. */
export function storageMembers({ pluginId, options }: PluginSession): LocalStorage {
  const prefix = `penpot-plugins:${pluginId}/`;
  const storage = () => {
    if (!options.permissions.has("allow:localstorage"))
      throw new Error("Plugin doesn't have 'allow:localstorage' permission");
    return options.storage;
  };
  return pluginObject({
    getItem: (key: string) => storage()?.getItem(prefix + key) ?? null,
    setItem: (key: string, value: unknown) => storage()?.setItem(prefix + key, String(value)),
    removeItem: (key: string) => storage()?.removeItem(prefix + key),
    getKeys: () =>
      Object.keys(storage() ?? {})
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
  }) as LocalStorage;
}
