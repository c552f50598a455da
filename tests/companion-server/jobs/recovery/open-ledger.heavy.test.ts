import { mkdir, open, readdir, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JobLedger } from "../../../../companion-server/jobs/job-ledger.ts";
import { newJobId } from "../../../../companion-server/jobs/job-queue.ts";
import { openLedger } from "../../../../companion-server/jobs/recovery/open-ledger.ts";
import { parseSubmission } from "../../../../companion-server/requests/parse-submission.ts";
import { writeWhole } from "../../../../companion-server/write-whole.ts";
import { placeText, provenanceText } from "../../../../shared/editing/layer/provenance.ts";
import { withPngText } from "../../../../shared/imaging/metadata/png-metadata.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { pngOf } from "../../support/pictures.ts";
import { resultOf } from "../../support/results.ts";

const PAGE = 4_096;
/** Enough for the records to fill many pages. */
const JOBS = 40;

/** A data folder with jobs that are done and whose results nobody has fetched yet, the first with its pictures. */
async function dataFolder() {
  const folder = await temporaryFolder();
  const file = join(folder.path, "jobs.db");
  const ledger = JobLedger.open(file);
  const submission = parseSubmission(JSON.stringify({ request: { task: "restyle", prompt: "ink ".repeat(400) } }));
  const ids = Array.from({ length: JOBS }, newJobId);
  const result = resultOf(submission.request, 0);
  for (const id of ids) {
    ledger.accept({ id, submission, parts: ["image"], source: { width: 20, height: 20 } }, 1_000);
    ledger.begin(id);
    ledger.started(id, { model: "starter", device: "cpu" });
    ledger.commit(id, result);
    ledger.finish(id, { type: "done", results: [result] }, 9);
  }
  ledger.close();
  const [drawn] = ids as [(typeof ids)[0]];
  const jobs = join(folder.path, "jobs");
  const picture = await pngOf({ width: 20, height: 20, channels: 4 });
  await writeWhole(join(jobs, drawn, "image"), picture);
  const { layer, recipe } = result;
  const text = [...provenanceText(recipe), placeText({ layer })];
  const layerPng = withPngText(await pngOf({ width: 8, height: 8, channels: 4 }), text);
  await writeWhole(join(jobs, drawn, "results/0.png"), layerPng);
  return { folder, file, jobs, ids, drawn, result };
}

async function overwrite(file: string, bytes: Uint8Array, position: number): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(bytes, 0, bytes.length, position);
  await handle.close();
}

/** Where in the file a word of a prompt stands that is not cut by the end of a page. */
async function placeOfText(file: string): Promise<number> {
  return (await readFile(file)).indexOf("ink ink ink", 8 * PAGE);
}

/** How a file is damaged, and whether most of its records can still be read. */
const damages: readonly (readonly [string, (file: string) => Promise<void>, boolean])[] = [
  ["has a header of another kind", (file) => overwrite(file, Buffer.from("scribble scribble"), 0), false],
  ["is cut in half", async (file) => truncate(file, Math.floor((await stat(file)).size / 2 / PAGE) * PAGE), true],
  // Which ends the process inside the binding.
  [
    "holds text that is no UTF-8",
    async (file) => overwrite(file, Buffer.from([0xff, 0xfe]), await placeOfText(file)),
    true,
  ],
  ["is of a later version", (file) => overwrite(file, Buffer.from([0, 0, 0, 99]), 60), true],
  ["is empty", (file) => truncate(file, 0), false],
];

test.concurrent.each(damages)(
  "a file of records that %s is set aside, and no result is lost",
  async (_name, damage, isReadable) => {
    const { folder, file, jobs, ids, drawn, result } = await dataFolder();
    await damage(file);
    const damaged = await readFile(file);
    const { ledger, trouble, recovered, isDurable } = await openLedger(file, jobs);
    expect(isDurable).toBe(true);
    expect(ledger.get(drawn)).toMatchObject({
      state: "done",
      acknowledged: false,
      source: { width: 20, height: 20 },
      lastEvent: { results: [result] },
    });
    expect(recovered).toBeGreaterThanOrEqual(isReadable ? JOBS / 4 : 1);
    expect(recovered).toBeLessThanOrEqual(ids.length);
    // An empty file is a new one; all else is kept as it was found.
    if (damaged.length > 0) expect(await readFile(`${file}.set-aside`)).toEqual(damaged);
    if (damaged.length > 0) expect(trouble).toBeDefined();
    expect(ledger.removals()).toEqual([]);
    expect(await readdir(jobs)).toEqual([drawn]);
    ledger.close();
    await folder.remove();
  },
);

test.concurrent("a folder in the place of the file is set aside, and what is made instead is sound", async () => {
  const { folder, jobs, drawn } = await dataFolder();
  const file = join(folder.path, "elsewhere/jobs.db");
  await mkdir(file, { recursive: true });
  const { ledger, trouble } = await openLedger(file, jobs);
  expect(trouble).toBeDefined();
  expect(ledger.get(drawn).state).toBe("done");
  ledger.close();
  const again = await openLedger(file, jobs);
  expect([again.trouble, again.recovered]).toEqual([undefined, 0]);
  expect(again.ledger.get(drawn).state).toBe("done");
  again.ledger.close();
  await folder.remove();
});
