import type { Settings } from "../app/settings.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import { modelFor } from "./model-for.ts";

/** How the engine in charge is doing: `good` the companion, `fallback` the browser, `bad` neither. */
export type EngineTone = "good" | "fallback" | "bad" | "unknown";

/** The chip's words: place, device, model. */
export function describeEngine(
  engines: Pick<EngineChoice, "models" | "companion" | "place" | "browser">,
  settings: Settings,
): { readonly tone: EngineTone; readonly words: string } {
  const models = engines.models.value;
  const used = modelFor(settings.task.value, settings);
  const model = models.find(({ id }) => id === used)?.name ?? used;
  const companion = engines.companion.value;
  if (engines.place.value === "companion") {
    if (companion.type !== "up") return { tone: "unknown", words: "Looking for the companion…" };
    const isGone = models.length > 0 && models.every(({ id }) => id !== used);
    if (isGone) return { tone: "bad", words: `“${model}” is not installed any more` };
    return { tone: "good", words: `${deviceName(companion.status.device)} · ${model}` };
  }
  const browser = engines.browser.value;
  if (browser.type === "failed") return { tone: "bad", words: "Nothing to run on" };
  if (browser.type !== "ready") return { tone: "unknown", words: `Browser · ${model}` };
  const device = browser.device.device === "webgpu" ? "WebGPU" : "WASM";
  return { tone: "fallback", words: `Browser · ${device} · ${model}` };
}

const deviceNames: Readonly<Record<string, string>> = {
  cpu: "CPU",
  cuda: "CUDA",
  dml: "DirectML",
  coreml: "CoreML",
  webgpu: "WebGPU",
};

/** Of a device, one card of it (`cuda:1`), or several of them (`cuda:0, cuda:1`). */
export function deviceName(device: string): string {
  const names = device.split(", ").map((each) => {
    const [kind = each, card] = each.split(":");
    return [deviceNames[kind] ?? kind, ...(card === undefined ? [] : [card])].join(" ");
  });
  return names.join(", ");
}
