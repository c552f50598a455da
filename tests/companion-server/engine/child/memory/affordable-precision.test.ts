import { expect, test } from "vitest";
import { affordablePrecision } from "../../../../../companion-server/engine/child/memory/affordable-precision.ts";
import type { CheckpointComponent, ComponentName } from "../../../../../shared/weights/checkpoint/checkpoint.ts";
import { TensorTable } from "../../../../../shared/weights/tensor-table.ts";

const GIB = 1024 ** 3;

function component(className: string, billions: number): CheckpointComponent {
  const dims = [1e6, billions * 1000];
  const tensor = { file: "a.safetensors", type: "BF16", dims, offset: 0, length: 2e9 * billions } as const;
  return { className, config: {}, weights: new TensorTable(new Map([["a.weight", tensor]])) };
}

const klein = new Map<ComponentName, CheckpointComponent>([
  ["transformer", component("Flux2Transformer2DModel", 3.876)],
  ["text_encoder", component("Qwen3ForCausalLM", 2.7)],
]);

test.each([
  [16, undefined],
  [8, undefined],
  [6, "int8"],
  [4, "int4"],
] as const)(
  "a transformer of 3.9 billion weights with %d GiB is drawn in %s where nobody says",
  (budget, precision) => {
    const chosen = affordablePrecision(klein, budget * GIB);
    expect(chosen?.precision).toBe(precision);
    if (chosen)
      expect(chosen.note).toMatchObject({ code: "precision-chosen", text: expect.stringContaining("8.3 GB") });
  },
);

test("a U-Net's precision is not chosen so", () => {
  expect(affordablePrecision(new Map([["unet", component("UNet2DConditionModel", 9)]]), GIB)).toBeUndefined();
});
