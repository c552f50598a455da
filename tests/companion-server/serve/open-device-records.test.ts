import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerExaminer } from "../../../companion-server/jobs/recovery/ask-about-ledger.ts";
import { openDeviceRecords } from "../../../companion-server/serve/open-device-records.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const sound: LedgerExaminer = { check: async () => ({ type: "sound" }), salvage: async () => [] };
const damaged: LedgerExaminer = { ...sound, check: async () => ({ type: "damaged", reason: "no database" }) };
const DAY_MS = 24 * 60 * 60_000;

test("a worker uses a device last that took it down, at the next start and for a week", async () => {
  await using folder = await temporaryFolder();
  const killed = await openDeviceRecords(folder.path, sound);
  killed.faults.loading("cuda:1"); // and nothing after it
  killed.close();

  const records = await openDeviceRecords(folder.path, sound);
  expect([...records.faults.demoted().keys()]).toEqual(["cuda:1"]);
  for (let day = 1; day <= 9; day += 1) records.tick(Date.now() + day * DAY_MS);
  expect(records.faults.demoted().size).toBe(0);
  records.close();
});

test("a worker starts with records that are damaged, which are kept aside", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "devices.db"), "no database");
  const records = await openDeviceRecords(folder.path, damaged);
  expect(records.trouble).toBe("no database");
  records.faults.crashed("cuda");
  records.close();
  expect(await readFile(join(folder.path, "devices.db.set-aside"), "utf8")).toBe("no database");
});

test("a worker starts where its records are a folder", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "devices.db/inner"), { recursive: true });
  const records = await openDeviceRecords(folder.path, damaged);
  expect(records.faults.demoted().size).toBe(0);
  records.close();
  expect(await readdir(join(folder.path, "devices.db.set-aside"))).toEqual(["inner"]);
});
