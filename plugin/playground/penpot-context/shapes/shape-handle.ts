import type { Shape } from "@penpot/plugin-types";
import type { z } from "zod";
import { type Document, getShape } from "../../document/document.ts";
import type { ShapeData, ShapeId } from "../../document/shape.ts";
import { updateShape } from "../../document/tree-edits.ts";
import type { PluginSession } from "../plugin-session.ts";

/** A shape of a page for one plugin: how its members read and write it. */
export class ShapeHandle {
  readonly session: PluginSession;
  readonly id: ShapeId;
  readonly pageId: string;

  constructor(session: PluginSession, id: ShapeId, pageId: string) {
    this.session = session;
    this.id = id;
    this.pageId = pageId;
  }

  /** With the shape's page open. */
  get document(): Document {
    return this.session.documentOf(this.pageId);
  }

  get data(): ShapeData {
    return getShape(this.document, this.id);
  }

  /** Refused for a shape of a page that is not open, as Penpot does. */
  edit(member: string, change: (document: Document) => Document): void {
    this.session.edit(member, (document) => {
      if (document.pageId !== this.pageId) throw new Error("Cannot modify a page that is not currently active");
      return change(document);
    });
  }

  change(member: string, change: (shape: ShapeData) => ShapeData): void {
    this.edit(member, (document) => updateShape(document, this.id, change));
  }

  /** Sets one member of the shape's data to what the schema makes of a value, or refuses it. */
  set<K extends keyof ShapeData>(member: string, key: K, schema: z.ZodType, value: unknown): void {
    this.change(member, (shape) => ({ ...shape, [key]: parsed(schema, value) }) as ShapeData);
  }
}

/** What a schema makes of a value. Throws one line that says what it should be. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${JSON.stringify(value)} (${issue?.path.join(".")} ${issue?.message})`);
}

/** Which shape an object stands for, be it one that was handed out or a plugin's Proxy of it. */
export function shapeIdOf(shape: unknown): ShapeId {
  const id = typeof shape === "object" && shape !== null ? (shape as Partial<Shape>).id : undefined;
  if (typeof id !== "string") throw new Error("expected a shape");
  return id as ShapeId;
}
