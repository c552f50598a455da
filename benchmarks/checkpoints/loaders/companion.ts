import { basename, dirname, join } from "node:path";
import { DiskPackFiles } from "../../../companion-server/engine/child/graphs/disk-pack-files.ts";
import { MappedCheckpoint } from "../../../companion-server/engine/child/graphs/mapped-checkpoint.ts";
import { packGraph } from "../../../companion-server/engine/child/graphs/packable-graph.ts";
import { Stopwatch } from "../../../companion-server/engine/stopwatch.ts";
import { PackedGraphs } from "../../../companion-server/models/caches/packed-graphs.ts";
import { QuantisedFiles } from "../../../companion-server/models/caches/quantised-files.ts";
import { openModelFiles } from "../../../companion-server/models/files/open-model-files.ts";
import type { ModelSession } from "../../../shared/diffusion/model-session.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { precisionSchema } from "../../../shared/protocol/models/precision.ts";
import { tellOfDenoiser } from "./tell-of-denoiser.ts";

// Opens a model as the companion's engine does, and runs its denoiser:
//   node companion.js FILE SIDE STEPS [PACKED_FOLDER | int8 | int4]
// FILE is a checkpoint. SIDE is of the latents; two rows of them, as guidance needs. With a folder, graphs that are packed there
// are taken; with STEPS "pack", those that are not are packed. What is quantised is kept beside FILE.

const DENOISER = "unet/model.onnx";

const [file, side, steps, way] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: companion.js FILE SIDE STEPS [PACKED_FOLDER | int8 | int4]");
const places = { folder: dirname(file), file: basename(file) };
const stopwatch = () => new Stopwatch();
const precision = precisionSchema.safeParse(way).data ?? "auto";
const packed = way === undefined || precision !== "auto" ? undefined : new PackedGraphs(way);
const quantised = new QuantisedFiles(join(places.folder, "quantised"));
const storage = new MappedCheckpoint(places, { device: "cpu", stopwatch, packed, quantised });

async function open(): Promise<ModelSession> {
  const pack = new DiskPackFiles(places, "cpu", stopwatch);
  // Random weights need no measured ranges: the cost of a convolution is the same in any.
  const measureRanges = async () =>
    new Map(
      [...(files.checkpoint?.components.get("unet")?.weights.names() ?? [])].map((name) => [
        name.replace(/\.weight$/, ""),
        { input: [-4, 8], output: [-8, 8] } as const,
      ]),
    );
  const files = await openModelFiles(places, pack, storage, { precision, measureRanges });
  const opened = new Map<string, Promise<ModelSession>>();
  const openSession = (path: string): Promise<ModelSession> => {
    const session = opened.get(path) ?? files.openSession(path);
    opened.set(path, session);
    return session;
  };
  const model = await openModel({
    readText: (path) => files.readText(path),
    readDeclaration: (path) => files.readDeclaration(path),
    openSession,
  });
  await model.load();
  for (const path of model.graphs) await openSession(path);
  return await openSession(DENOISER);
}

if (steps === "pack" && packed) {
  await open();
  for (const graph of storage.packable) await packGraph(packed, graph);
} else await tellOfDenoiser(open, Number(side), Number(steps));
