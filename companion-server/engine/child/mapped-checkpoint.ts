import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { parse, relative, sep } from "node:path";
import type { CheckpointStorage } from "../../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import type { ModelSession } from "../../../shared/diffusion/model-session.ts";
import type { GraphProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../../shared/networks/graph/onnx-writer.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { readClipMerges } from "../../models/clip-merges.ts";
import { DiskCheckpoint } from "../../models/disk-checkpoint.ts";
import type { ModelPlaces } from "../../models/model-place.ts";
import type { PackedGraphs } from "../../models/packed-graphs.ts";
import type { Stopwatch } from "../stopwatch.ts";
import { provedProfile } from "./device-profile.ts";
import { KeptSessions } from "./kept-sessions.ts";
import { openOnnxSession, runtimeVersion } from "./onnx-session.ts";
import { isWorthPacking, type PackableGraph, runtimeAndProcessor, singleBytes } from "./packable-graph.ts";

export interface MappedCheckpointOptions {
  readonly device: Device;
  /** The time of loading is added to the stopwatch of the moment. */
  readonly stopwatch: () => Stopwatch;
  /** Sessions that may be taken over. Default: none. */
  readonly kept?: KeptSessions;
  /** What the device was seen to compute rightly. Default: it is proved. */
  readonly attention?: GraphProfile["attention"] | undefined;
  /** Where graphs may lie that were packed before; taken on the CPU alone. */
  readonly packed?: PackedGraphs | undefined;
}

/** A checkpoint on disk whose graphs run on one device, over weights mapped from its files. */
export class MappedCheckpoint extends DiskCheckpoint implements CheckpointStorage {
  readonly #options: MappedCheckpointOptions;
  readonly #kept: KeptSessions;
  readonly #packable = new Map<string, PackableGraph>();

  constructor(places: ModelPlaces, options: MappedCheckpointOptions) {
    super(places);
    this.#options = options;
    this.#kept = options.kept ?? new KeptSessions();
  }

  async profile(): Promise<GraphProfile> {
    const { device, attention } = this.#options;
    return (await provedProfile(device, attention)).profile;
  }

  clipMerges(): Promise<string> {
    return readClipMerges();
  }

  /** The graphs that were opened over mapped weights and would gain from being packed, the largest first. */
  get packable(): readonly PackableGraph[] {
    return [...this.#packable.values()].sort((a, b) => b.bytes - a.bytes);
  }

  async openGraph(name: string, graph: OnnxGraph): Promise<ModelSession> {
    const files = await this.#realFiles(graph);
    const root = commonRoot([...files.values()], name);
    // Every file of the graph is in the map, which was made from it.
    const bytes = encodeOnnx(graph, (file) => relative(root, files.get(file)!).split(sep).join("/"));
    const sources = await Promise.all([...files.values()].map(describeSource));
    // The same graph over other weights is another.
    const digest = digestOf(bytes, ...sources.map(({ size, modified }) => `${size} ${modified} `));
    return await this.#kept.open(name, digest, () =>
      this.#options.stopwatch().measure("modelLoad", async () => {
        const runtime = runtimeAndProcessor(runtimeVersion);
        const packable = { key: digestOf(digest, runtime), name, graph: bytes, root, runtime, sources };
        const packed = await this.#openPacked(packable);
        if (packed) return packed;
        if (isWorthPacking(graph)) this.#packable.set(name, { ...packable, bytes: singleBytes(graph) });
        return await openOnnxSession(bytes, this.#options.device, name, { root, hasHalves: hasHalves(graph) });
      }),
    );
  }

  async #openPacked({ key, name }: Pick<PackableGraph, "key" | "name">): Promise<ModelSession | undefined> {
    const { packed, device } = this.#options;
    const file = device === "cpu" ? await packed?.find(key) : undefined;
    if (file === undefined) return undefined;
    try {
      return await openOnnxSession(file, device, name, "packed");
    } catch {
      // Damaged on disk: the checkpoint itself is still there.
      await packed?.remove(key);
      return undefined;
    }
  }

  /** Where each file of a graph's weights really lies: the runtime follows no link out of the root. */
  async #realFiles({ initializers }: OnnxGraph): Promise<ReadonlyMap<string, string>> {
    const names = new Set(initializers.flatMap((each) => (each.kind === "external" ? [each.tensor.file] : [])));
    return new Map(await Promise.all([...names].map(async (name) => [name, await this.realFile(name)] as const)));
  }
}

async function describeSource(path: string) {
  const { size, mtimeMs: modified } = await stat(path);
  return { path, size, modified };
}

function digestOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** The root of the file system, or of the drive, on which all files lie. */
function commonRoot(files: readonly string[], name: string): string {
  const roots = new Set(files.map((file) => parse(file).root));
  if (roots.size > 1)
    throw new OverpaintError(
      "unsupported-model",
      `The weights of ${name} lie on ${roots.size} drives (${[...roots].join(", ")}).`,
      "Put the model's files on one drive.",
    );
  return [...roots][0] ?? parse(process.cwd()).root;
}

function hasHalves({ initializers }: OnnxGraph): boolean {
  return initializers.some((each) => each.kind === "external" && ["F16", "BF16"].includes(each.tensor.type));
}
