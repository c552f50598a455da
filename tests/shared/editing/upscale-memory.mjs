// Enlarges a picture from nothing with the built engine and prints the process's peak memory.
// node upscale-memory.mjs PACK SIDE TARGET
import { DiskPackFiles } from "../../../dist/companion-server/engine/child/graphs/disk-pack-files.js";
import { encodePng } from "../../../dist/companion-server/images/encode-image.js";
import { packageRoot } from "../../../dist/companion-server/package-root.js";
import { openModel } from "../../../dist/shared/diffusion/models/open-model.js";
import { runEdit } from "../../../dist/shared/editing/run-edit.js";
import { upscaleRequestSchema } from "../../../dist/shared/protocol/edit-request.js";

const [model, ...sides] = process.argv.slice(2);
const [side, target] = sides.map(Number);
const data = Uint8ClampedArray.from({ length: side * side * 4 }, (_, i) =>
  i % 4 === 3 ? 255 : (((i >> 2) % side) * 7 + Math.floor((i >> 2) / side) * 3) % 256,
);
const stopwatch = { measure: (_stage, work) => work() };
const opened = await openModel(new DiskPackFiles({ folder: `${packageRoot}/models/${model}` }, "cpu", () => stopwatch));
const request = upscaleRequestSchema.parse({ task: "upscale", width: target, height: target });
const image = { width: side, height: side, data };
const [{ pixels }] = await runEdit(request, { image }, { model: opened, now: () => 0 });
const { length: bytes } = await encodePng(pixels);
// In kilobytes.
const { maxRSS: peak } = process.resourceUsage();
console.log(JSON.stringify({ width: pixels.width, height: pixels.height, bytes, peak }));
