import type { PluginManifest } from "./load-manifest.ts";

/** What Penpot's runtime puts on the global object, which is how Penpot itself calls it. */
export interface RuntimeGlobals {
  readonly ɵloadPlugin: (manifest: PluginManifest, onClose?: () => void) => Promise<void>;
  readonly ɵunloadPlugin: (pluginId: string) => void;
}
