import { expect, test } from "vitest";
import { openOnnxSession } from "../../../../companion-server/engine/child/graphs/onnx-session.ts";
import { proveProfile } from "../../../../shared/diffusion/checkpoint/prove-profile.ts";
import type { ModelSession } from "../../../../shared/diffusion/model-session.ts";
import { cpuProfile, inHalf, plainProfile } from "../../../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../../../shared/networks/graph/onnx-writer.ts";

const open = (graph: OnnxGraph) => openOnnxSession(encodeOnnx(graph, String), "cpu", "attention");

test("keeps fused attention where the device computes it rightly", async () => {
  expect(await proveProfile(cpuProfile, open)).toEqual({ profile: cpuProfile });
});

test("falls back to plain attention where one number is wrong, and says so", async () => {
  const wrong = async (graph: OnnxGraph): Promise<ModelSession> => {
    const session = await open(graph);
    return {
      ...session,
      release: () => session.release(),
      run: async (feeds) => {
        const { attended, ...others } = await session.run(feeds);
        if (attended === undefined) return others;
        const data = Float32Array.from(attended.data as Float32Array);
        data[1000] = data[1000]! + 0.03;
        return { attended: { ...attended, data } };
      },
    };
  };
  expect(await proveProfile(cpuProfile, wrong)).toEqual({
    profile: { ...cpuProfile, attention: "plain" },
    remark: "its fused attention computes wrong values",
  });
});

test("falls back where the device has no such operator", async () => {
  const proved = await proveProfile(cpuProfile, () => Promise.reject(new Error("no kernel")));
  expect(proved).toMatchObject({ profile: { attention: "plain" }, remark: "it has no fused attention" });
});

test("runs no attention where plain attention is wanted anyway", async () => {
  const opened: OnnxGraph[] = [];
  const watched = (graph: OnnxGraph) => {
    opened.push(graph);
    return open(graph);
  };
  expect(await proveProfile(plainProfile, watched)).toEqual({ profile: plainProfile });
  expect(opened.flatMap(({ nodes }) => nodes.map(({ operator }) => operator))).not.toContain("MultiHeadAttention");
});

test("casts tables of half precision first where the device cannot pick rows from them", async () => {
  const refusesHalves = async (graph: OnnxGraph) => {
    if (graph.nodes.some(({ operator }) => operator === "Gather")) throw new Error("requires f16");
    return await open(graph);
  };
  expect(await proveProfile(cpuProfile, refusesHalves)).toEqual({ profile: { ...cpuProfile, tables: "cast" } });
});

test("keeps half precision where the device computes it rightly", async () => {
  const half = inHalf(cpuProfile);
  expect(await proveProfile(half, open)).toEqual({ profile: half });
});

test("falls back to single precision where half is not there, fused attention kept, and says so", async () => {
  const single = (graph: OnnxGraph) =>
    graph.nodes.some(({ operator }) => operator === "Cast") ? Promise.reject(new Error("no kernel")) : open(graph);
  expect(await proveProfile(inHalf(cpuProfile), single)).toEqual({
    profile: { ...cpuProfile, tables: "cast" }, // rows of halves cannot be picked either
    remark: "it does not compute in half precision",
  });
});

test("says both where neither half precision nor fused attention is there", async () => {
  const proved = await proveProfile(inHalf(cpuProfile), () => Promise.reject(new Error("no kernel")));
  expect(proved).toEqual({
    profile: { ...cpuProfile, attention: "plain", tables: "cast" },
    remark: "it does not compute in half precision, and it has no fused attention",
  });
});
