import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DiskPackFiles } from "../../companion-server/engine/child/graphs/disk-pack-files.ts";
import { Stopwatch } from "../../companion-server/engine/stopwatch.ts";
import { decodeImage } from "../../companion-server/images/decode-image.ts";
import type { Model } from "../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { QualityContext } from "./quality-section.ts";
import { sections } from "./sections.ts";
import { contactSheet } from "./support/contact-sheet.ts";

// Measures the edits and draws contact sheets: `npm run quality`, or `npm run quality -- NAME …` for some sections only.
// Runs in the repository's root; each section is kept in a file of its own, so that the others stand when one is made anew.

const report = "benchmarks/quality/report";
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !sections.some((section) => section.name === name));
if (unknown.length > 0) {
  const names = sections.map(({ name }) => name).join(", ");
  throw new Error(`There is no section called ${unknown.join(", ")}. There are: ${names}.`);
}

await mkdir(report, { recursive: true });
const stopwatch = new Stopwatch();
const packs = new Map<string, Promise<Model>>();
const openPack = (name: string): Promise<Model> => {
  const opened =
    packs.get(name) ?? openModel(new DiskPackFiles({ folder: join("models", name) }, "cpu", () => stopwatch));
  packs.set(name, opened);
  return opened;
};
const context: QualityContext = {
  model: await openPack("starter"),
  openPack,
  sample: async (file) => await decodeImage(await readFile(join("plugin/public/samples", file)), file),
  writeSheet: async (name, rows) => {
    await writeFile(join(report, `${name}.png`), await contactSheet(rows));
    return `![${name}](${name}.png)`;
  },
};

for (const { name, title, run } of sections) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const start = performance.now();
  const text = `# ${title}\n\n${await run(context)}\n`;
  await writeFile(join(report, `${name}.md`), text);
  console.log(`${text}\n(${((performance.now() - start) / 1000).toFixed(0)} s)\n`);
}
for (const model of packs.values()) await (await model).release();
