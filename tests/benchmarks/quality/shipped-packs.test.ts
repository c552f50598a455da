import { expect, test } from "vitest";
import { shippedPacks } from "../../../benchmarks/quality/support/shipped-packs.ts";
import { inRepository } from "../../support/repository.ts";

test("packs that ship are found among the catalog and the tokenizer that lie beside them", async () => {
  const packs = await shippedPacks(inRepository("models"));
  expect(packs).toEqual(["fast-upscale", "starter", "starter-fast", "starter-upscale"]);
});
