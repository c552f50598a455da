import { parse, relative, sep } from "node:path";
import type { CheckpointStorage } from "../../../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import type { ProvedProfile } from "../../../../shared/diffusion/checkpoint/prove-profile.ts";
import type { ModelSession } from "../../../../shared/diffusion/model-session.ts";
import type { GraphProfile } from "../../../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../../../shared/networks/graph/onnx-writer.ts";
import type { Device } from "../../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import type { ActivationRanges } from "../../../../shared/weights/quantise/quantise-convolution.ts";
import type { QuantisedFile } from "../../../../shared/weights/quantise/quantised-file.ts";
import { describeSource, digestOf } from "../../../models/caches/model-cache.ts";
import type { PackedGraphs } from "../../../models/caches/packed-graphs.ts";
import type { QuantisedFiles } from "../../../models/caches/quantised-files.ts";
import { readClipMerges } from "../../../models/files/clip-merges.ts";
import { DiskCheckpoint } from "../../../models/files/disk-checkpoint.ts";
import type { ModelPlaces } from "../../../models/model-place.ts";
import type { Stopwatch } from "../../stopwatch.ts";
import { provedProfile } from "../devices/device-profile.ts";
import { KeptSessions } from "./kept-sessions.ts";
import { openOnnxSession, runtimeVersion } from "./onnx-session.ts";
import {
  holdsAny,
  isQuantised,
  isWorthPacking,
  type PackableGraph,
  runtimeAndProcessor,
  singleBytes,
} from "./packable-graph.ts";

export interface MappedCheckpointOptions {
  readonly device: Device;
  /** The time of loading is added to the stopwatch of the moment. */
  readonly stopwatch: () => Stopwatch;
  /** Sessions that may be taken over. Default: none. */
  readonly kept?: KeptSessions | undefined;
  /** What the device was seen to compute rightly. Default: it is proved. */
  readonly proved?: ProvedProfile | undefined;
  /** Where graphs may lie that were packed before; taken on the CPU alone. */
  readonly packed?: PackedGraphs | undefined;
  /** Where quantised weights are made. Absent: none can be. */
  readonly quantised?: QuantisedFiles | undefined;
}

/** A checkpoint on disk whose graphs run on one device, over weights mapped from its files. */
export class MappedCheckpoint extends DiskCheckpoint implements CheckpointStorage {
  readonly #options: MappedCheckpointOptions;
  readonly #kept: KeptSessions;
  readonly #packable = new Map<string, PackableGraph>();
  readonly #keys = new Set<string>();
  /** Where files of quantised weights lie, by their names in graphs. */
  readonly #quantised = new Map<string, string>();

  constructor(places: ModelPlaces, options: MappedCheckpointOptions) {
    super(places);
    this.#options = options;
    this.#kept = options.kept ?? new KeptSessions();
  }

  async profile(compute?: GraphProfile["compute"]): Promise<GraphProfile> {
    const { device, proved } = this.#options;
    return (await provedProfile(device, { compute, proved })).profile;
  }

  async quantise(planned: QuantisedFile, ranges: () => Promise<ActivationRanges>): Promise<void> {
    const { quantised, stopwatch } = this.#options;
    if (quantised === undefined) throw new Error("there is no folder for quantised weights");
    const path = await stopwatch().measure("quantise", () => quantised.make(planned, this, ranges));
    this.#quantised.set(planned.file, path);
  }

  override file(path: string): string {
    return this.#quantised.get(path) ?? super.file(path);
  }

  clipMerges(): Promise<string> {
    return readClipMerges();
  }

  /** Of the graphs that may be packed, packed or not, as `PackedGraphs` has them. */
  get keys(): ReadonlySet<string> {
    return this.#keys;
  }

  /** The graphs that were opened over mapped weights on the CPU and would gain from being packed, the largest first. */
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
    const { device, stopwatch } = this.#options;
    // Said of a graph whether it is opened or a session is taken over that was open.
    const packable = device === "cpu" && isWorthPacking(graph) ? packableGraph() : undefined;
    if (packable) {
      this.#keys.add(packable.key);
      if ((await this.#options.packed?.find(packable.key)) === undefined) this.#packable.set(name, packable);
    }
    function packableGraph(): PackableGraph {
      const runtime = runtimeAndProcessor(runtimeVersion);
      const key = digestOf(digest, runtime);
      return { key, name, graph: bytes, root, runtime, sources, bytes: singleBytes(graph) };
    }
    return await this.#kept.open(name, digest, () =>
      stopwatch().measure("modelLoad", async () => {
        const packed = packable && (await this.#openPacked(packable));
        if (packed) return packed;
        if (packable) this.#packable.set(name, packable);
        const hasHalves = holdsAny(graph, ["F16", "BF16"]);
        return await openOnnxSession(bytes, device, name, { root, hasHalves, isQuantised: isQuantised(graph) });
      }),
    );
  }

  async #openPacked({ key, name }: Pick<PackableGraph, "key" | "name">): Promise<ModelSession | undefined> {
    const { packed } = this.#options;
    const file = await packed?.find(key);
    if (file === undefined) return undefined;
    try {
      return await openOnnxSession(file, "cpu", name, "packed");
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
