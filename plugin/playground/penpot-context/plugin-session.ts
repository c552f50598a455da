import { type Document, openPage } from "../document/document.ts";
import type { DocumentStore } from "../document/document-store.ts";
import type { Point, Rect } from "../document/geometry.ts";
import type { ShapeId } from "../document/shape.ts";

export const permissions = [
  "content:read",
  "content:write",
  "library:read",
  "library:write",
  "user:read",
  "comment:read",
  "comment:write",
  "allow:downloads",
  "allow:localstorage",
  "clipboard:read",
  "clipboard:write",
] as const;
export type Permission = (typeof permissions)[number];

/** What plugins may do with the view of the page. */
export interface ViewControl {
  readonly bounds: Rect;
  readonly zoom: number;
  setCenter(center: Point): void;
  setZoom(zoom: number): void;
  /** Shows the shapes, or the whole page. */
  fit(shapeIds?: readonly ShapeId[]): void;
}

export interface PluginSessionOptions {
  readonly pluginId: string;
  readonly store: DocumentStore;
  readonly permissions: ReadonlySet<Permission>;
  /** Renders a shape with what it holds; `scale` pixels a page unit. */
  readonly exportPng: (shapeId: ShapeId, scale: number) => Promise<Uint8Array>;
  /** The page position in the middle of what shows of the page. */
  readonly viewCenter: () => Point;
  /** Absent where no page is shown. */
  readonly view?: ViewControl;
  /** Keeps what plugins store in the browser; absent where there is none. */
  readonly storage?: Storage;
}

/** What one plugin is allowed and has set, shared by all objects it is handed. */
export class PluginSession {
  readonly options: PluginSessionOptions;
  readonly pluginId: string;
  readonly store: DocumentStore;
  /** Penpot's defaults: children count from the top, and refused values throw for manifests of version 2. */
  readonly flags = { naturalChildOrdering: false, throwValidationErrors: true };

  constructor(options: PluginSessionOptions) {
    this.options = options;
    this.pluginId = options.pluginId;
    this.store = options.store;
  }

  get document(): Document {
    return this.store.snapshot.document;
  }

  /** The file as it is with this page open. Throws when the page is gone. */
  documentOf(pageId: string): Document {
    return openPage(this.document, pageId);
  }

  get canWrite(): boolean {
    return this.options.permissions.has("content:write");
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
    const message = `[PENPOT PLUGIN] Value not valid: ${String(value)}. Code: ${member}`;
    if (this.flags.throwValidationErrors) throw new Error(message);
    console.error(message);
  }
}
