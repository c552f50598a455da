import { openOnnxSession } from "../../../companion-server/engine/child/graphs/onnx-session.ts";
import { tellOfDenoiser } from "./tell-of-denoiser.ts";

// Opens a denoiser that export_unet.py wrote, as the runtime does by itself, and runs it as companion.ts does:
//   node exported.js GRAPH SIDE STEPS

const [graph, side, steps] = process.argv.slice(2);
if (graph === undefined) throw new Error("usage: exported.js GRAPH SIDE STEPS");
await tellOfDenoiser(() => openOnnxSession(graph, "cpu", "the exported denoiser"), Number(side), Number(steps));
