import type { Document } from "../document/document.ts";
import type { DocumentStore } from "../document/document-store.ts";
import type { Point } from "../document/geometry.ts";
import type { ShapeId } from "../document/shape.ts";

export type Permission =
  | "content:read"
  | "content:write"
  | "library:read"
  | "library:write"
  | "user:read"
  | "comment:read"
  | "comment:write"
  | "allow:downloads"
  | "allow:localstorage"
  | "clipboard:read"
  | "clipboard:write";

export interface PluginSessionOptions {
  readonly pluginId: string;
  readonly store: DocumentStore;
  readonly permissions: ReadonlySet<Permission>;
  /** Renders a shape with what it holds; `scale` pixels a page unit. */
  readonly exportPng: (shapeId: ShapeId, scale: number) => Promise<Uint8Array>;
  /** The page position in the middle of what shows of the page. */
  readonly viewCenter: () => Point;
}

/** What one plugin is allowed and has set, shared by all objects it is handed. */
export class PluginSession {
  readonly pluginId: string;
  readonly store: DocumentStore;
  readonly exportPng: PluginSessionOptions["exportPng"];
  /** Penpot's defaults: children count from the top, and refused values throw for manifests of version 2. */
  readonly flags = { naturalChildOrdering: false, throwValidationErrors: true };
  readonly #permissions: ReadonlySet<Permission>;

  constructor({ pluginId, store, permissions, exportPng }: PluginSessionOptions) {
    this.pluginId = pluginId;
    this.store = store;
    this.exportPng = exportPng;
    this.#permissions = permissions;
  }

  get document(): Document {
    return this.store.snapshot.document;
  }

  get canWrite(): boolean {
    return this.#permissions.has("content:write");
  }

  /** Runs `write` if the plugin may change content; errors of the document model count as refused values. */
  write(member: string, write: () => void): void {
    try {
      if (!this.canWrite) throw new Error("Plugin doesn't have 'content:write' permission");
      write();
    } catch (error) {
      this.refuse(member, error instanceof Error ? error.message : String(error));
    }
  }

  edit(member: string, change: (document: Document) => Document): void {
    this.write(member, () => this.store.edit(change));
  }

  /** Says no the way Penpot does: an error or, without the flag, a line in the console and nothing else. */
  refuse(member: string, value: unknown): void {
    const message = `[PENPOT PLUGIN] Value not valid: ${value}. Code: ${member}`;
    if (this.flags.throwValidationErrors) throw new Error(message);
    console.error(message);
  }
}
