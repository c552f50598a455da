import { proxy, wrap } from "comlink";
import { decodeImage } from "../../../../plugin/engine-worker/pictures/decode-image.ts";
import type { EditEvent } from "../../../../shared/protocol/edit-event.ts";
import type { BrowserDevice, EngineWorkerApi } from "../../../../shared/protocol/engine-worker-api.ts";

/** What a test asks of the page, as plain JSON. Files are fetched by the page from the test's server. */
export interface HarnessEdit {
  readonly request: unknown;
  readonly imageUrl?: string;
  readonly maskUrl?: string;
  readonly referenceUrl?: string;
  /** One for each control of the request. */
  readonly controlUrls?: readonly string[];
  /** Cancels when an event of this type has come. */
  readonly cancelAfter?: EditEvent["type"];
  /** Asks for the same edit once more while the first one runs. */
  readonly again?: boolean;
}

export interface HarnessOutcome {
  readonly events: EditEvent[];
  /** Events of the second edit, where one was asked for. */
  readonly othersEvents: EditEvent[];
  /** Base64 PNGs, by variant. */
  readonly layers: string[];
}

export interface Harness {
  prepare(device?: BrowserDevice["device"]): Promise<BrowserDevice>;
  run(edit: HarnessEdit): Promise<HarnessOutcome>;
  /** What the worker threw outside of calls: the panel replaces a worker that does. */
  readonly deaths: readonly string[];
  /** Pixels as base64. */
  decode(url: string): Promise<{ readonly width: number; readonly height: number; readonly data: string }>;
}

declare global {
  interface Window {
    harness: Harness;
  }
}

const worker = location.search.includes("without-devices")
  ? new Worker(new URL("./without-devices.ts", import.meta.url), { type: "module" })
  : location.search.includes("losing-devices")
    ? new Worker(new URL("./losing-devices.ts", import.meta.url), { type: "module" })
    : new Worker(new URL("../../../../plugin/engine-worker/main.ts", import.meta.url), { type: "module" });
const engine = wrap<EngineWorkerApi>(worker);
const deaths: string[] = [];
worker.addEventListener("error", ({ message }) => deaths.push(message));

async function bytesOf(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

window.harness = {
  deaths,

  prepare: (device) => engine.prepare({ modelsUrl: "/models/", acceptsSoftware: true, ...(device && { device }) }),

  async run({ request, imageUrl, maskUrl, referenceUrl, controlUrls = [], cancelAfter, again }) {
    const edit = {
      request: request as Parameters<EngineWorkerApi["run"]>[0]["request"],
      image: imageUrl === undefined ? undefined : await bytesOf(imageUrl),
      mask: maskUrl === undefined ? undefined : await bytesOf(maskUrl),
      references: referenceUrl === undefined ? [] : [await bytesOf(referenceUrl)],
      controls: await Promise.all(controlUrls.map(bytesOf)),
    };
    const events: EditEvent[] = [];
    const othersEvents: EditEvent[] = [];
    const running = engine.run(
      edit,
      proxy((event: EditEvent) => {
        events.push(event);
        if (event.type === cancelAfter) void engine.cancel();
      }),
    );
    if (again)
      await engine.run(
        edit,
        proxy((event: EditEvent) => void othersEvents.push(event)),
      );
    await running;
    const finished = events.filter((event) => event.type === "result").length;
    const layers: string[] = [];
    for (let variant = 0; variant < finished; variant += 1) layers.push(toBase64(await engine.readLayer(variant)));
    return { events, othersEvents, layers };
  },

  async decode(url) {
    const { width, height, data } = await decodeImage(await bytesOf(url), "the picture");
    return { width, height, data: toBase64(Uint8Array.from(data)) };
  },
};
