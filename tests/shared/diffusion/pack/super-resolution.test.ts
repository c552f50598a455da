import { describe, expect, it } from "vitest";
import { networkPack } from "../../../support/network-pack.ts";

const picture = { width: 3, height: 2, data: Float32Array.from({ length: 18 }, (_, i) => i / 9 - 1) };

describe("a super-resolution pack", () => {
  it("tells its factor, reach and tile, and serves upscaling alone", async () => {
    const { facts } = await networkPack({ factor: 3, radius: 5, nativeSize: 96 });
    expect(facts).toMatchObject({
      family: "super-resolution",
      tasks: ["upscale"],
      enlarging: { method: "network", factor: 3, receptiveRadius: 5 },
      nativeSize: 96,
      sizeMultiple: 1,
    });
  });

  it("enlarges a picture of any size, in the range models see pictures in", async () => {
    const large = await (await networkPack({ radius: 0 })).enlarge(picture);
    expect(large).toMatchObject({ width: 6, height: 4 });
    expect(large.data[0]).toBeCloseTo(-1, 6);
    expect(large.data[2]).toBeCloseTo(picture.data[1]!, 6);
    // One hundredth brighter from left to right, in a range that is twice as long here.
    expect(large.data[3]! - large.data[2]!).toBeCloseTo(0.02, 6);
    expect(large.data.at(-2)).toBeCloseTo(picture.data.at(-1)!, 6);
  });

  it("says so when the config promises another factor than the network has", async () => {
    const model = await networkPack({ factor: 2, declaredFactor: 4 });
    await expect(model.enlarge(picture)).rejects.toMatchObject({
      code: "unsupported-model",
      remedy: expect.stringContaining("upscale_factor (4)"),
    });
  });

  it("rejects a config without a factor, naming the field", async () => {
    await expect(networkPack({ declaredFactor: "four" })).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining('network/config.json has a wrong value at "upscale_factor"'),
    });
  });

  it("rejects a network of one channel", async () => {
    await expect(networkPack({ channels: 1 })).rejects.toMatchObject({
      code: "unsupported-model",
      message: expect.stringContaining("[batch, 1, height, width]"),
    });
  });
});
