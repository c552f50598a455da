import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NamedModels } from "../../../companion-server/cli/named-models.ts";
import { ModelCatalog } from "../../../companion-server/models/model-catalog.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const named = new NamedModels(new ModelCatalog([]));

test("takes a folder given on the command line and makes an id of its name", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "My Model (fp16)");
  await mkdir(path);
  await writeFile(join(path, "model_index.json"), "{}");
  expect(await named.model(path)).toEqual({ id: "my-model-fp16-", folder: path });
});

test("refuses a folder that is no pack, naming it", async () => {
  await expect(named.model("./nowhere")).rejects.toMatchObject({
    code: "unknown-model",
    message: "There is no model in ./nowhere.",
  });
});
