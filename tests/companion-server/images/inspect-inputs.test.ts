import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inspectInputs } from "../../../companion-server/images/inspect-inputs.ts";
import { controlParts } from "../../../shared/protocol/control.ts";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test.each(["image", "mask", ...referenceParts, ...controlParts])("refuses what is no picture as %s", async (part) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await writeFile(path, "words");
  await expect(inspectInputs({ [part]: path }, { [part]: "words.png" })).rejects.toMatchObject({
    code: "unreadable-image",
    message: expect.stringContaining("words.png"),
  });
});
