import { signal } from "@preact/signals";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { Permission } from "../penpot-context/plugin-session.ts";
import { loadManifest } from "./load-manifest.ts";
import { pluginUrl } from "./plugin-url.ts";
import type { RuntimeGlobals } from "./runtime-globals.ts";

export type PluginState =
  | { readonly type: "closed" }
  | { readonly type: "loading" }
  | { readonly type: "open"; readonly name: string }
  | { readonly type: "failed"; readonly error: ErrorData };

/** Loads the one plugin into Penpot's runtime, and knows whether its window is open. */
export class PluginHost {
  readonly state = signal<PluginState>({ type: "closed" });
  /** Address of the manifest, once it was read. */
  readonly manifest = signal<string | undefined>(undefined);
  readonly #page: URL;
  readonly #runtime: RuntimeGlobals;
  #pluginId: string | undefined;
  #permissions: ReadonlySet<Permission> = new Set();

  /** @param page the playground's address, which may name the plugin; see `pluginUrl` */
  constructor(page: URL, runtime: RuntimeGlobals) {
    this.#page = page;
    this.#runtime = runtime;
  }

  /** What the plugin being loaded may do. */
  get permissions(): ReadonlySet<Permission> {
    return this.#permissions;
  }

  /** Opens the plugin, anew if it is open. Failures become the state. */
  async open(): Promise<void> {
    this.state.value = { type: "loading" };
    try {
      const address = pluginUrl(this.#page);
      const manifest = await loadManifest(address);
      this.manifest.value = address.href;
      this.#pluginId = manifest.pluginId;
      this.#permissions = new Set(manifest.permissions);
      let isCurrent = true;
      await this.#runtime.ɵloadPlugin(manifest, () => {
        // Loading a plugin closes the one before it, whose end must not be taken for this one's.
        if (isCurrent && this.state.value.type === "open") this.state.value = { type: "closed" };
        isCurrent = false;
      });
      this.state.value = { type: "open", name: manifest.name };
    } catch (error) {
      this.state.value = { type: "failed", error: toErrorData(error) };
    }
  }

  close(): void {
    if (this.#pluginId !== undefined) this.#runtime.ɵunloadPlugin(this.#pluginId);
  }
}
