import { randomBytes } from "node:crypto";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newJobId } from "../../../../companion-server/jobs/job-queue.ts";
import { type PictureCarrier, pictureNames } from "../../../../companion-server/studio/pictures/picture-carrier.ts";
import { MAX_UPLOAD_BYTES } from "../../../../shared/protocol/limits.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

export interface OpenedPictures extends AsyncDisposable {
  readonly pictures: PictureCarrier;
  /** Names of everything that is there. */
  left(): Promise<readonly string[]>;
}

const LIFE_MS = 60_000;

/** What every way by which pictures travel between machines must do. */
export function picturesContract(open: () => Promise<OpenedPictures>): void {
  test.each([
    ["nothing", 0],
    ["a few bytes", 10],
    ["several pieces", 2_500_000],
  ])("%s arrives as it was sent, and is gone once it is removed", async (_what, size) => {
    await using opened = await open();
    await using folder = await temporaryFolder();
    const [from, to] = [join(folder.path, "from"), join(folder.path, "to")];
    const bytes = randomBytes(size);
    await writeFile(from, bytes);
    const id = newJobId();
    const name = pictureNames.result(id, 0);
    const sent = await opened.pictures.send(name, from, LIFE_MS);
    expect(await opened.pictures.fetch(sent, to)).toBe(true);
    expect(bytes.equals(await readFile(to))).toBe(true);
    await opened.pictures.remove(pictureNames.all(id));
    expect(await opened.left()).toEqual([]);
  });

  test("what is sent under a name replaces what was sent before", async () => {
    await using opened = await open();
    await using folder = await temporaryFolder();
    const [from, to] = [join(folder.path, "from"), join(folder.path, "to")];
    const name = pictureNames.part(newJobId(), "image");
    await writeFile(from, "the first, which is longer");
    const first = await opened.pictures.send(name, from, LIFE_MS);
    await writeFile(from, "the second");
    const second = await opened.pictures.send(name, from, LIFE_MS);
    expect(await opened.pictures.fetch(first, to)).toBe(false);
    expect(await opened.pictures.fetch(second, to)).toBe(true);
    expect(await readFile(to, "utf8")).toBe("the second");
  });

  test("what is not there, or is another, is not fetched, and leaves no file", async () => {
    await using opened = await open();
    await using folder = await temporaryFolder();
    const from = join(folder.path, "from");
    await writeFile(from, "a picture");
    const sent = await opened.pictures.send(pictureNames.part(newJobId(), "image"), from, LIFE_MS);
    const others = [
      { ...sent, name: pictureNames.part(newJobId(), "image") },
      { ...sent, sha256: "0".repeat(64) },
      { ...sent, bytes: sent.bytes - 1 },
      { ...sent, bytes: sent.bytes + 1 },
    ];
    for (const other of others) expect(await opened.pictures.fetch(other, join(folder.path, "to"))).toBe(false);
    expect(await readdir(folder.path)).toEqual(["from"]);
  });

  test("what is too large, or no file, is refused, and nothing of it stays", async () => {
    await using opened = await open();
    await using folder = await temporaryFolder();
    const [huge, none] = [join(folder.path, "huge"), join(folder.path, "none")];
    await writeFile(huge, "");
    await truncate(huge, MAX_UPLOAD_BYTES + 1); // a hole, which takes no room
    const name = pictureNames.part(newJobId(), "image");
    await expect(opened.pictures.send(name, huge, LIFE_MS)).rejects.toMatchObject({ code: "upload-too-large" });
    await expect(opened.pictures.send(name, none, LIFE_MS)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await opened.left()).toEqual([]);
  });

  test("a file that cannot be written is an error, and none of the store's", async () => {
    await using opened = await open();
    await using folder = await temporaryFolder();
    const from = join(folder.path, "from");
    await writeFile(from, "a picture");
    const sent = await opened.pictures.send(pictureNames.part(newJobId(), "image"), from, LIFE_MS);
    await expect(opened.pictures.fetch(sent, join(from, "to"))).rejects.toMatchObject({ syscall: "mkdir" });
  });
}
