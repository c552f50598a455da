import { describe, expect, test } from "vitest";
import { requireFinite } from "../../../../shared/diffusion/tensors/require-finite.ts";

const fine = Float32Array.of(0, -1, 3e38);
const broken = Float32Array.of(0, Number.NaN, 1);

describe("requireFinite", () => {
  test("lets finite answers through, whatever was given", () => {
    expect(() => requireFinite(fine, { component: "unet" }, [broken])).not.toThrow();
  });

  test("blames the weights where the inputs were finite", () => {
    expect(() => requireFinite(broken, { component: "unet", at: "step 3 of 20" }, [fine])).toThrow(
      expect.objectContaining({
        code: "invalid-output",
        message: "The model computed NaN values (unet at step 3 of 20).",
      }),
    );
  });

  test("never sends the designer to verify the model's files for what the model was given", () => {
    const given = [fine, Float32Array.of(Number.POSITIVE_INFINITY)];
    expect(() => requireFinite(broken, { component: "vae_encoder" }, given)).toThrow(
      expect.objectContaining({
        code: "internal",
        message: "The model was given infinite values (vae_encoder).",
        remedy: expect.not.stringContaining("files"),
      }),
    );
  });
});
