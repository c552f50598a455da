import { existsSync, statSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { JobLedger } from "../job-ledger.ts";
import type { SavedJob } from "../saved-job.ts";
import { childExaminer, type LedgerExaminer } from "./ask-about-ledger.ts";
import { completed, readPictures } from "./read-pictures.ts";

export interface OpenedLedger {
  readonly ledger: JobLedger;
  /** What was wrong with the file that was there, in words; it is set aside. Absent where nothing was. */
  readonly trouble?: string | undefined;
  /** Records that were taken over from the file that is set aside, and made anew from pictures. */
  readonly recovered: number;
  /** False where nothing can be written: the records live as long as this process. */
  readonly isDurable: boolean;
}

/**
 * Opens the records of a data folder, whatever became of them: a file that is damaged or of a later version is set aside, never
 * deleted or written over, and what can be read of it, and of the pictures, is taken over. Does not throw: where nothing can be
 * written, the records are in memory.
 *
 * @param jobs the folder of the jobs' pictures
 */
export async function openLedger(
  file: string,
  jobs: string,
  examiner: LedgerExaminer = childExaminer,
): Promise<OpenedLedger> {
  const isThere = existsSync(file) && statSync(file).size > 0;
  let trouble = isThere ? troubleOf(await examiner.check(file)) : undefined;
  if (trouble === undefined) {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const ledger = JobLedger.open(file);
      return { ledger, recovered: isThere ? 0 : takeOver(ledger, await readPictures(jobs)), isDurable: true };
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
      return { ...(await recover(JobLedger.open(":memory:"), file, jobs, examiner)), trouble, isDurable: false };
    }
  }
  const aside = await setAside(file).catch(() => undefined);
  const { ledger, isDurable } = aside === undefined ? inMemory() : openOrInMemory(file);
  return { ...(await recover(ledger, aside ?? file, jobs, examiner)), trouble, isDurable };
}

function troubleOf(answer: Awaited<ReturnType<LedgerExaminer["check"]>>): string | undefined {
  if (answer.type === "sound") return undefined;
  return answer.type === "later" ? "a later version of Overpaint wrote it" : answer.reason;
}

/** From the pictures as well: what a record does not tell any more, and jobs of which there is none. */
async function recover(ledger: JobLedger, file: string, jobs: string, examiner: LedgerExaminer) {
  const pictures = await readPictures(jobs);
  const salvaged = await examiner.salvage(file);
  const told = salvaged.map((saved) =>
    completed(
      saved,
      pictures.find(({ id }) => id === saved.id),
    ),
  );
  return { ledger, recovered: takeOver(ledger, told) + takeOver(ledger, pictures) };
}

/** Answers how many jobs were new. */
function takeOver(ledger: JobLedger, jobs: readonly SavedJob[]): number {
  return jobs.filter((job) => ledger.takeOver(job)).length;
}

function inMemory() {
  return { ledger: JobLedger.open(":memory:"), isDurable: false };
}

function openOrInMemory(file: string) {
  try {
    return { ledger: JobLedger.open(file), isDurable: true };
  } catch {
    return inMemory();
  }
}

/** Renames the file to the first such name that is free, with what SQLite keeps beside it. */
async function setAside(file: string): Promise<string> {
  let aside = `${file}.set-aside`;
  for (let number = 2; existsSync(aside); number += 1) aside = `${file}.set-aside-${number}`;
  for (const ending of ["-wal", "-shm", "-journal", ""])
    if (existsSync(file + ending)) await rename(file + ending, aside + ending);
  return aside;
}
