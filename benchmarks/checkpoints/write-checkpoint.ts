import { readFileSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";

const keyListsSchema = z.object({
  models: z.record(
    z.string(),
    z.object({
      configs: z.record(z.string(), z.record(z.string(), z.unknown())),
      tensors: z.array(z.tuple([z.string()], z.number())),
    }),
  ),
});

/** Names, shapes and configs of published checkpoints. */
const { models: published } = keyListsSchema.parse(
  JSON.parse(gunzipSync(readFileSync("tests/fixtures/checkpoints/key-lists.json.gz")).toString("utf8")),
);

export type Precision = "fp32" | "fp16";

/** What of a file is written: all of it, or the header alone with a hole after it, which reads as zeros. */
export type Content = "random" | "sparse";

/** Of the stretch of random numbers that is written again and again: prime, so that no two tensors begin alike. */
const RANDOM_NUMBERS = 4_194_301;
/** Of the random numbers, about that of trained weights. */
const LARGEST = 0.05;

/** Writes a checkpoint of a published one's names, shapes and size, as one file. Answers its size in bytes. */
export async function writeCheckpoint(
  path: string,
  model: string,
  precision: Precision,
  content: Content,
): Promise<number> {
  const width = precision === "fp32" ? 4 : 2;
  let end = 0;
  const entries = publishedModel(model).tensors.map(([name, ...shape]) => {
    const begin = end;
    end += shape.reduce((product, size) => product * size, width);
    return [name, { dtype: precision === "fp32" ? "F32" : "F16", shape, data_offsets: [begin, end] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  const file = await open(path, "w");
  try {
    await file.write(Buffer.concat([length, text]));
    if (content === "random") {
      const random = randomNumbers(precision);
      for (let rest = end; rest > 0; rest -= random.length) await file.write(random, 0, Math.min(rest, random.length));
    }
    const size = length.length + text.length + end;
    await file.truncate(size);
    return size;
  } finally {
    await file.close();
  }
}

/** Numbers between −`LARGEST` and `LARGEST`, by a linear congruential generator. */
function randomNumbers(precision: Precision): Buffer {
  let state = 1;
  const numbers = Float32Array.from({ length: RANDOM_NUMBERS }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * LARGEST;
  });
  return Buffer.from((precision === "fp32" ? numbers : Uint16Array.from(numbers, toHalf)).buffer);
}

/** The bits of a number in half precision, cut off and not rounded; numbers too small for a normal one become 0. */
function toHalf(number: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, number);
  const single = bits.getUint32(0);
  const exponent = ((single >>> 23) & 0xff) - 127 + 15;
  return exponent <= 0 ? 0 : ((single >>> 16) & 0x8000) | (exponent << 10) | ((single >>> 13) & 0x3ff);
}

const TOKENIZER = "models/starter/tokenizer";

/** The folder of configs that diffusers wants beside a single file. */
export async function writeConfigs(folder: string, model: string): Promise<void> {
  const { configs } = publishedModel(model);
  const classes: Readonly<Record<string, readonly [library: string, name: string]>> = {
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
    text_encoder: ["transformers", "CLIPTextModel"],
  };
  const write = async (path: string, text: string | Uint8Array): Promise<void> => {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const [name, [, className]] of Object.entries(classes))
    await write(`${name}/config.json`, JSON.stringify({ _class_name: className, ...configs[name] }));
  for (const name of ["merges.txt", "vocab.json", "special_tokens_map.json", "tokenizer_config.json"])
    await write(`tokenizer/${name}`, readFileSync(join(TOKENIZER, name)));
  const scheduler = { num_train_timesteps: 1000, beta_start: 0.00085, beta_end: 0.012, beta_schedule: "scaled_linear" };
  await write("scheduler/scheduler_config.json", JSON.stringify({ _class_name: "DDIMScheduler", ...scheduler }));
  const index = {
    _class_name: "StableDiffusionPipeline",
    scheduler: ["diffusers", "DDIMScheduler"],
    tokenizer: ["transformers", "CLIPTokenizer"],
    safety_checker: [null, null],
    feature_extractor: [null, null],
    ...classes,
  };
  await write("model_index.json", JSON.stringify(index));
}

function publishedModel(name: string) {
  const model = published[name];
  if (!model) throw new Error(`${name} is none of ${Object.keys(published).join(", ")}`);
  return model;
}
