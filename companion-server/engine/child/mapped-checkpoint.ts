import { stat } from "node:fs/promises";
import { parse, relative, sep } from "node:path";
import type { CheckpointStorage } from "../../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import type { ModelSession } from "../../../shared/diffusion/model-session.ts";
import type { GraphProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../../shared/networks/graph/onnx-writer.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { StoredType } from "../../../shared/protocol/tensor-ref.ts";
import type { ActivationRanges } from "../../../shared/weights/quantise/quantise-convolution.ts";
import type { QuantisedFile } from "../../../shared/weights/quantise/quantised-file.ts";
import { readClipMerges } from "../../models/clip-merges.ts";
import { DiskCheckpoint } from "../../models/disk-checkpoint.ts";
import type { ModelPlaces } from "../../models/model-place.ts";
import { QuantisedCache } from "../../models/quantised-cache.ts";
import type { Stopwatch } from "../stopwatch.ts";
import { provedProfile } from "./device-profile.ts";
import { KeptSessions } from "./kept-sessions.ts";
import { type MappedWeights, openOnnxSession } from "./onnx-session.ts";

export interface MappedCheckpointOptions {
  readonly device: Device;
  /** Of the moment: what is loaded later is another job's. */
  readonly stopwatch: () => Stopwatch;
  /** Sessions that outlive the model they were opened for. */
  readonly kept?: KeptSessions | undefined;
  /** Where files that are made of models lie. Absent: none can be made. */
  readonly quantisedWeights?: string | undefined;
}

/** A checkpoint on disk whose graphs run on one device, over weights mapped from its files. */
export class MappedCheckpoint extends DiskCheckpoint implements CheckpointStorage {
  readonly #device: Device;
  readonly #stopwatch: () => Stopwatch;
  readonly #kept: KeptSessions;
  readonly #quantisedWeights: string | undefined;
  /** Where files of quantised weights lie, by their names in graphs. */
  readonly #quantised = new Map<string, string>();

  constructor(
    places: ModelPlaces,
    { device, stopwatch, quantisedWeights, kept = new KeptSessions() }: MappedCheckpointOptions,
  ) {
    super(places);
    this.#quantisedWeights = quantisedWeights;
    this.#device = device;
    this.#stopwatch = stopwatch;
    this.#kept = kept;
  }

  async profile(compute?: GraphProfile["compute"]): Promise<GraphProfile> {
    return (await provedProfile(this.#device, compute)).profile;
  }

  async quantise(planned: QuantisedFile, ranges: () => Promise<ActivationRanges>): Promise<void> {
    if (this.#quantisedWeights === undefined) throw new Error("there is no folder for quantised weights");
    const cache = new QuantisedCache(this.#quantisedWeights);
    const path = await this.#stopwatch().measure("quantise", () => cache.make(planned, this, ranges));
    this.#quantised.set(planned.file, path);
  }

  override file(path: string): string {
    return this.#quantised.get(path) ?? super.file(path);
  }

  clipMerges(): Promise<string> {
    return readClipMerges();
  }

  async openGraph(name: string, graph: OnnxGraph): Promise<ModelSession> {
    const files = await this.#realFiles(graph);
    const root = commonRoot([...files.values()], name);
    // Every file of the graph is in the map, which was made from it.
    const bytes = encodeOnnx(graph, (file) => relative(root, files.get(file)!).split(sep).join("/"));
    const mapped = {
      root,
      hasHalves: hasAny(graph, ["F16", "BF16"]),
      isQuantised: hasAny(graph, ["I8", "U8"]),
    } satisfies MappedWeights;
    // The same graph over other weights is another.
    const stored = await Promise.all([...files.values()].map((file) => stat(file)));
    const identity = [bytes, ...stored.map(({ size, mtimeMs }) => `${size} ${mtimeMs} `)];
    return await this.#kept.open(name, identity, () =>
      this.#stopwatch().measure("modelLoad", () => openOnnxSession(bytes, this.#device, name, mapped)),
    );
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

/** Whether any of a graph's weights are stored in one of these types. */
function hasAny({ initializers }: OnnxGraph, types: readonly StoredType[]): boolean {
  return initializers.some((each) => each.kind === "external" && types.includes(each.tensor.type));
}
