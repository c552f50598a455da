import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ChatTokenizer } from "../../../../shared/diffusion/text/chat-tokenizer.ts";
import { flowFixture, flowFolder } from "../../../support/flow-models.ts";

const MAX_LENGTH = 512;
const files = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"];

async function readWith(changed: Readonly<Record<string, string | undefined>> = {}): Promise<ChatTokenizer> {
  const own = await Promise.all(
    files.map(async (name) => [name, await readFile(join(flowFolder("klein"), "tokenizer", name), "utf8")] as const),
  );
  const texts: Readonly<Record<string, string | undefined>> = { ...Object.fromEntries(own), ...changed };
  return await ChatTokenizer.read("tokenizer", async (name) => texts[name]);
}

async function configWith(fields: object): Promise<string> {
  const text = await readFile(join(flowFolder("klein"), "tokenizer/tokenizer_config.json"), "utf8");
  return JSON.stringify({ ...JSON.parse(text), ...fields });
}

describe("a chat tokenizer", () => {
  test.each(flowFixture.content.tokenizer)(
    "gives transformers' ids for $text",
    async ({ text, isThinking, ids, pad }) => {
      const tokenizer = await readWith();
      const tokens = tokenizer.encode(text, { isThinking, maxLength: MAX_LENGTH });
      expect(tokens).toEqual({ ids, count: ids.length });
      const filling = pad === null ? [] : new Array<number>(MAX_LENGTH - ids.length).fill(pad);
      expect(tokenizer.padded(tokens, MAX_LENGTH)).toEqual({ ids: [...ids, ...filling], count: ids.length });
    },
  );

  test.each([
    ["as one text", "{{ messages[0].content }}"],
    [
      "among several",
      [
        { name: "tool_use", template: "no" },
        { name: "default", template: "{{ messages[0].content }}" },
      ],
    ],
  ])("takes the template from its config, %s, where it has no file of its own", async (_, template) => {
    const config = await configWith({ chat_template: template });
    const tokenizer = await readWith({ "tokenizer_config.json": config, "chat_template.jinja": undefined });
    const plain = await readWith({ "chat_template.jinja": "{{ messages[0].content }}" });
    const settings = { isThinking: false, maxLength: MAX_LENGTH };
    expect(tokenizer.encode("a red house", settings)).toEqual(plain.encode("a red house", settings));
  });

  test("fills up with the token that its config names", async () => {
    const tokenizer = await readWith({
      "tokenizer_config.json": await configWith({ pad_token: { content: "<|im_end|>" } }),
    });
    const [end] = tokenizer.encode("<|im_end|>", { isThinking: false, maxLength: MAX_LENGTH }).ids.slice(5);
    expect(tokenizer.padded({ ids: [], count: 0 }, 2).ids).toEqual([end, end]);
  });

  test("fills up with the token that its map of special tokens names, where its config names none", async () => {
    const tokenizer = await readWith({
      "tokenizer_config.json": "{}",
      "special_tokens_map.json": JSON.stringify({ pad_token: "<|im_end|>" }),
    });
    const named = await readWith({ "tokenizer_config.json": await configWith({ pad_token: "<|im_end|>" }) });
    const none = { ids: [], count: 0 };
    expect(tokenizer.padded(none, 1)).toEqual(named.padded(none, 1));
  });

  test.each(["tokenizer.json", "chat_template.jinja"])("names %s where it is missing", async (name) => {
    await expect(readWith({ [name]: undefined })).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining(`tokenizer/${name}`),
    });
  });
});
