import "ses";
import { readFileSync } from "node:fs";
import { createDocument } from "../../../plugin/playground/document/document.ts";
import { DocumentStore } from "../../../plugin/playground/document/document-store.ts";
import { addShape } from "../../../plugin/playground/document/tree-edits.ts";
import { createContext } from "../../../plugin/playground/penpot-context/create-context.ts";
import { MESSAGE_SOURCE, type SandboxMessage } from "../../../shared/protocol/plugin/messages.ts";
import { aRecipe } from "./a-recipe.ts";
import { emptyPng } from "./empty-png.ts";
import { rectangle } from "./shapes.ts";

/*
 * Runs a plugin's code as Penpot's runtime does: tamed intrinsics, a compartment with the runtime's globals and no others,
 * and a `penpot` whose members and results are frozen (plugins-runtime 1.5, create-sandbox.ts). A process of its own,
 * because intrinsics cannot be thawed. Takes the code's path; prints the messages to the panel and the page as JSON.
 */

const store = new DocumentStore();
const { id: mediaId } = store.media.add("picture", emptyPng(100, 80), "image/png");
const source = rectangle({
  width: 100,
  height: 80,
  fills: [{ type: "image", mediaId, keepAspectRatio: false, opacity: 1 }],
});
store.open(addShape(createDocument("Test"), source));
store.select([source.id]);

repairIntrinsics({
  evalTaming: "unsafeEval",
  stackFiltering: "verbose",
  errorTaming: "unsafe",
  consoleTaming: "unsafe",
  errorTrapping: "none",
  unhandledRejectionTrapping: "none",
});
hardenIntrinsics();

const messages: SandboxMessage[] = [];
let secret = "";
let toPlugin: (message: unknown) => void = () => undefined;
const context = harden(
  createContext({
    pluginId: "overpaint",
    store,
    permissions: new Set(["content:read", "content:write"]),
    exportPng: async () => emptyPng(1, 1),
    viewCenter: () => ({ x: 0, y: 0 }),
  }),
);
const api = Object.create(context, {
  on: { configurable: true, value: context.addListener },
  off: { configurable: true, value: context.removeListener },
  ui: {
    configurable: true,
    value: {
      open: (_name: string, url: string) => {
        secret = url.split("panel=")[1] ?? "";
      },
      onMessage: (callback: (message: unknown) => void) => {
        toPlugin = callback;
      },
      sendMessage: (message: SandboxMessage) => messages.push(structuredClone(message)),
    },
  },
});
const freezing: ProxyHandler<object> = {
  get(target, member) {
    const value: unknown = Reflect.get(target, member);
    if (typeof value !== "function") return harden(value);
    return (...args: unknown[]) => harden(Reflect.apply(value, target, args));
  },
};

const compartment = new Compartment({
  penpot: new Proxy(api, freezing),
  setTimeout: harden((handler: () => void, milliseconds: number) => Number(setTimeout(handler, milliseconds))),
  clearTimeout: harden((timer: number) => clearTimeout(timer)),
  Math: harden(Math),
  Date: harden(Date),
  structuredClone: harden((value: unknown) => structuredClone(value)),
  console: harden({ log: console.error, warn: console.error, error: console.error }),
});
const code = readFileSync(process.argv[2] ?? "", "utf8");
compartment.evaluate(code);

/** Waits until the newest message is of the type; a second is plenty. */
async function answered(type: SandboxMessage["type"]): Promise<void> {
  for (let tries = 0; tries < 200 && messages.at(-1)?.type !== type; tries++)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

const say = (message: Record<string, unknown>) => toPlugin({ source: MESSAGE_SOURCE, secret, ...message });
say({ type: "ready" });
say({ type: "read-source", requestId: 1, shapeId: source.id });
await answered("source");
const { fileId, pageId } = store.snapshot.document;
say({
  type: "place-layer",
  requestId: 2,
  placementId: "placement-1",
  from: { fileId, pageId, shapeId: source.id, mediaId, image: { width: 100, height: 80 } },
  anyway: false,
  drawnOn: [],
  stacks: true,
  growsBoard: false,
  name: "A layer",
  place: "part",
  bytes: emptyPng(30, 40),
  mime: "image/png",
  layer: { x: 10, y: 20, width: 30, height: 40 },
  recipe: aRecipe,
});
// Placing selects the new layer, which is told after the answer.
await answered("selection");
say({ type: "place-layer", requestId: 3 });
await answered("failed");
// Penpot evaluates the code again when the panel's frame is reloaded.
const firstSecret = secret;
compartment.evaluate(code);
console.log(
  JSON.stringify({
    keepsSecret: firstSecret.length === 32 && secret === firstSecret,
    messages: messages.map((message) => ("bytes" in message ? { ...message, bytes: message.bytes.length } : message)),
    names: [...store.snapshot.document.shapes.values()].map((shape) => shape.name),
  }),
);
