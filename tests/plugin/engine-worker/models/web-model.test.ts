import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findWebModel, hashesOf } from "../../../../plugin/engine-worker/models/web-model.ts";
import { WebPackFiles } from "../../../../plugin/engine-worker/models/web-pack-files.ts";
import { createRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { type StaticServer, serveFolders } from "../../../support/serve-folder.ts";
import { servedFiles } from "../../../support/served-files.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;
let server: StaticServer;
beforeAll(async () => {
  folder = await temporaryFolder();
  const files = [
    "folder/model_index.json",
    "folder/vae/config.json",
    "file/checkpoint.safetensors",
    "net/config.json",
    "folder/text_encoder/config.json",
    "ink/checkpoint.safetensors",
    "adapter/checkpoint.safetensors",
    "image_encoder/config.json",
  ];
  for (const file of files) {
    await mkdir(dirname(join(folder.path, file)), { recursive: true });
    await writeFile(join(folder.path, file), "{}");
  }
  server = await serveFolders({ folders: { "/": folder.path } });
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

const runtime = {
  device: "wasm",
  threads: 1,
  hasHalf: false,
  provider: "none",
  openSession: () => Promise.reject(new Error("none")),
} as const;

function find(fields: object) {
  const request = createRequestSchema.parse({ task: "create", width: 64, height: 64, ...fields });
  return findWebModel(
    request,
    (path) => new WebPackFiles({ url: new URL(`${server.origin}/${path}/`), runtime, files: servedFiles }),
  );
}

test("finds what a request names, each in the layout in which it is served", async () => {
  const found = await find({
    model: "file",
    vae: "folder",
    textEncoders: ["folder", "file"],
    loras: [{ id: "ink", strength: 0.5 }],
    controls: [
      { model: "net", kind: "raw" },
      { model: "file", kind: "raw" },
    ],
    referenceModel: "adapter",
  });
  const file = "checkpoint.safetensors";
  expect(found.choice).toEqual({
    file,
    vae: { file: undefined },
    textEncoders: [{ file: undefined }, { file }],
    loras: [{ file, strength: 0.5 }],
    controlNets: [{ file: undefined }, { file }],
    ipAdapter: { file },
    prediction: undefined,
  });
  expect(Object.keys(hashesOf(found))).toEqual([
    "@control-net-0/config.json",
    "@control-net-1/checkpoint.safetensors",
    "@image-encoder/config.json",
    "@ip-adapter/checkpoint.safetensors",
    "@lora-0/checkpoint.safetensors",
    "@text-encoder-0/config.json",
    "@text-encoder-1/checkpoint.safetensors",
    "@vae/config.json",
    "checkpoint.safetensors",
  ]);
});

test.each([
  [{ model: "none" }, 'There is no model "none" for the browser.'],
  [{ model: "folder", vae: "none" }, 'There is no autoencoder "none" for the browser.'],
  [{ model: "folder", textEncoders: ["none"] }, 'There is no text encoder "none" for the browser.'],
  [{ model: "folder", loras: [{ id: "net" }] }, 'There is no LoRA "net" for the browser.'],
  [{ model: "folder", controls: [{ model: "none", kind: "raw" }] }, 'There is no ControlNet "none" for the browser.'],
  [{ model: "folder", referenceModel: "none" }, 'There is no IP-Adapter "none" for the browser.'],
])("says what %j asks for in vain", async (fields, message) => {
  await expect(find(fields)).rejects.toThrow(message);
});
