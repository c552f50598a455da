import { constants } from "node:fs";
import { access, open, realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isDiskFull, OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/**
 * The files that `-o` stands for: itself, or OUT-1.png, OUT-2.png, … for several variants. Checked before anything is
 * drawn, so that minutes of work do not end at a place that cannot be written to. Throws `invalid-request`.
 */
export async function outputFiles(output: string, count: number): Promise<readonly string[]> {
  if (!/\.png$/i.test(output))
    throw new OverpaintError("invalid-request", `${output} does not end in .png.`, "Results are PNG files.");
  await requireFolder(dirname(output));
  const files =
    count === 1
      ? [output]
      : Array.from({ length: count }, (_, index) => output.replace(/(?=\.png$)/i, `-${index + 1}`));
  for (const file of files) await requireWritable(file);
  return files;
}

/** Writes a result. Throws `invalid-request` where the place has changed since it was checked. */
export async function writeOutput(file: string, png: Uint8Array): Promise<void> {
  try {
    await writeFile(file, png);
  } catch (cause) {
    if (isDiskFull(cause)) throw cause;
    throw unwritable(`${file} could not be written`, cause);
  }
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new OverpaintError("invalid-request", `${folder} is no folder to write to.`, "Create it first.");
  await access(folder, constants.W_OK | constants.X_OK).catch((cause) => {
    throw unwritable(`The folder ${folder} is read-only for you`, cause);
  });
}

/** Tries it: some folders, such as those of the system's own files, take no new file from anybody. */
async function requireWritable(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw unwritable(`${file} is a folder`);
  if (found && !found.isFile()) return; // a pipe would wait for its reader
  try {
    await (await open(file, "a")).close();
    if (found === undefined) await rm(await realpath(file));
  } catch (cause) {
    throw unwritable(found ? `${file} is read-only for you` : `${file} cannot be created`, cause);
  }
}

function unwritable(what: string, cause?: unknown): OverpaintError {
  return new OverpaintError("invalid-request", `${what}.`, "Name another file with -o.", { cause });
}
