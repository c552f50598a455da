import type { Context, Penpot } from "@penpot/plugin-types";
import { expect, vi } from "vitest";
import type { Document } from "../../../plugin/playground/document/document.ts";
import { createDocument, getShape } from "../../../plugin/playground/document/document.ts";
import { DocumentStore } from "../../../plugin/playground/document/document-store.ts";
import type { FillData, ShapeData, ShapeId } from "../../../plugin/playground/document/shape.ts";
import { addShape } from "../../../plugin/playground/document/tree-edits.ts";
import { createContext } from "../../../plugin/playground/penpot-context/create-context.ts";
import type { Permission } from "../../../plugin/playground/penpot-context/plugin-session.ts";
import { startSandbox } from "../../../plugin/sandbox/start-sandbox.ts";
import { MESSAGE_SOURCE, type SandboxMessage, sandboxMessageSchema } from "../../../shared/protocol/plugin/messages.ts";
import type { SourceIdentity } from "../../../shared/protocol/plugin/source.ts";
import { emptyPng } from "./empty-png.ts";

type Answer<T extends SandboxMessage["type"]> = Extract<SandboxMessage, { type: T }>;

/** The real sandbox over the playground's document model, with a panel that keeps what it is told. */
export class SandboxInPlayground {
  readonly store: DocumentStore;
  readonly messages: SandboxMessage[] = [];
  readonly opened: unknown[][] = [];
  readonly context: Context;
  /** Replace members to see how the sandbox takes them. */
  readonly penpot: Penpot;
  exportPng: (shapeId: ShapeId, scale: number) => Promise<Uint8Array> = async () => {
    throw new Error("no renderer");
  };
  /** The panel's ear, where there is a panel. */
  onMessage: (message: SandboxMessage) => void = () => undefined;
  #toSandbox: (message: unknown) => void = () => undefined;

  /** `store`: a document that another one is opened over too. */
  constructor({
    permissions = ["content:read", "content:write"],
    store = new DocumentStore(),
  }: {
    permissions?: readonly Permission[];
    store?: DocumentStore;
  } = {}) {
    this.store = store;
    this.context = createContext({
      pluginId: "overpaint",
      store: this.store,
      permissions: new Set(permissions),
      exportPng: (shapeId, scale) => this.exportPng(shapeId, scale),
      viewCenter: () => ({ x: 400, y: 300 }),
    });
    // As the runtime's API: the context, with listeners under other names and the window's messages.
    this.penpot = Object.create(this.context, {
      on: { value: this.context.addListener },
      off: { value: this.context.removeListener },
      ui: {
        value: {
          open: (...args: unknown[]) => this.opened.push(args),
          resize: vi.fn(),
          onMessage: (callback: (message: unknown) => void) => {
            this.#toSandbox = callback;
          },
          sendMessage: (message: unknown) => {
            const sent = sandboxMessageSchema.parse(structuredClone(message));
            this.messages.push(sent);
            this.onMessage(sent);
          },
        },
      },
    });
  }

  start(): this {
    startSandbox(this.penpot);
    return this;
  }

  /** Puts the shapes on a page, from bottom to top, and answers their ids. */
  open(...shapes: readonly ShapeData[]): ShapeId[] {
    const document = shapes.reduce<Document>((page, shape) => addShape(page, shape), createDocument("Test"));
    this.store.open(document);
    return shapes.map((shape) => shape.id);
  }

  imageFill(width: number, height: number, keepAspectRatio = false, png = emptyPng(width, height)): FillData {
    const { id } = this.store.media.add("picture", png, "image/png");
    return { type: "image", mediaId: id, keepAspectRatio, opacity: 1 };
  }

  /** What the panel knows from its address. */
  get secret(): string {
    return /panel=(\w+)/.exec(String(this.opened.at(-1)?.[1]))?.[1] ?? "";
  }

  send(message: Record<string, unknown>): void {
    this.#toSandbox(structuredClone({ source: MESSAGE_SOURCE, secret: this.secret, ...message }));
  }

  /** The shape's picture as it is now, as a job begins from it. */
  identityOf(shapeId: ShapeId): SourceIdentity {
    const { document } = this.store.snapshot;
    const fill = getShape(document, shapeId).fills.find((each) => each.type === "image");
    const media = fill && this.store.media.get(fill.mediaId);
    if (media === undefined) throw new Error("the shape shows no picture");
    const { id, width, height } = media;
    const { fileId, pageId } = document;
    return { fileId, pageId, shapeId, mediaId: id, image: { width, height } };
  }

  post(message: unknown): void {
    this.#toSandbox(message);
  }

  last<T extends SandboxMessage["type"]>(type: T): Answer<T> | undefined {
    return this.messages.findLast((message): message is Answer<T> => message.type === type);
  }

  /** Waits for the newest message of a type. */
  async answer<T extends SandboxMessage["type"]>(type: T): Promise<Answer<T>> {
    const newest = () => {
      const message = this.last(type);
      expect(message, `no ${type} in ${this.messages.map((message) => message.type)}`).toBeDefined();
      return message as Answer<T>;
    };
    return await vi.waitFor(newest, { interval: 2 });
  }
}
