import type { ModelSession } from "../../shared/diffusion/model-session.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { SuperResolutionModel } from "../../shared/diffusion/models/super-resolution-model.ts";

export interface NetworkPackOptions {
  readonly factor?: number;
  /** What network/config.json says of it. */
  readonly declaredFactor?: unknown;
  readonly channels?: number;
  readonly radius?: number;
  readonly nativeSize?: number;
  /** Told the size of every picture the network is given. */
  readonly onRun?: (width: number, height: number) => void;
}

/**
 * A super-resolution pack in memory. Its network averages over (2 · radius + 1)² pixels, zeros beyond the borders as real
 * networks have them, and repeats every pixel `factor` times, each a little brighter than the one to its left.
 */
export async function networkPack(options: NetworkPackOptions = {}): Promise<SuperResolutionModel> {
  const { factor = 2, declaredFactor = factor, radius = 2, nativeSize = 32 } = options;
  const texts: Record<string, string> = {
    "model_index.json": JSON.stringify({ _class_name: "SuperResolutionPipeline", network: ["overpaint", "Network"] }),
    "network/config.json": JSON.stringify({ upscale_factor: declaredFactor, receptive_radius: radius }),
    "overpaint.json": JSON.stringify({ nativeSize }),
  };
  const opened = await openModel({
    readText: async (path) => texts[path],
    openSession: async (path) => {
      if (path !== "network/model.onnx") throw new Error(`no ${path}`);
      return averagingSession({ channels: 3, onRun: () => {}, ...options, factor, radius });
    },
  });
  if (opened.type !== "super-resolution") throw new Error("The pack did not open as a network.");
  return opened;
}

function averagingSession({
  factor,
  radius,
  channels,
  onRun,
}: Required<Pick<NetworkPackOptions, "factor" | "radius" | "channels" | "onRun">>): ModelSession {
  return {
    inputs: [{ name: "anything", type: "float32", shape: ["batch", channels, "height", "width"] }],
    outputs: [{ name: "larger", type: "float32", shape: ["batch", channels, "h", "w"] }],
    run: async ({ anything }) => {
      const [, , height, width] = anything!.dims as [number, number, number, number];
      onRun(width, height);
      const averages = averaged(anything!.data as Float32Array, width, height, radius);
      const data = new Float32Array(3 * height * width * factor ** 2);
      for (let i = 0; i < data.length; i++) {
        const x = Math.floor((i % (width * factor)) / factor);
        const line = Math.floor(i / (width * factor)); // of all planes
        const y = Math.floor(line / factor);
        data[i] = averages[y * width + x]! + (i % factor) / 100;
      }
      return { larger: { type: "float32", dims: [1, 3, height * factor, width * factor], data } };
    },
    release: async () => {},
  };
}

function averaged(values: Float32Array, width: number, height: number, radius: number): Float32Array {
  const count = (2 * radius + 1) ** 2;
  return values.map((_, i) => {
    const plane = Math.floor(i / (width * height)) * width * height;
    const x = i % width;
    const y = Math.floor((i - plane) / width);
    let sum = 0;
    for (let v = Math.max(y - radius, 0); v <= Math.min(y + radius, height - 1); v++)
      for (let u = Math.max(x - radius, 0); u <= Math.min(x + radius, width - 1); u++)
        sum += values[plane + v * width + u]!;
    return sum / count;
  });
}
