import { expect, test } from "vitest";
import { variantAlone } from "../../../companion-server/cli/variant-alone.ts";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";

test("asks for the one variant, by its own seed, and changes nothing else", () => {
  const request = editRequestSchema.parse({ task: "restyle", prompt: "a boat", style: "riso", seed: 7, count: 16 });
  expect(variantAlone({ request, seed: 19 })).toEqual({ ...request, seed: 19, count: 1 });
});
