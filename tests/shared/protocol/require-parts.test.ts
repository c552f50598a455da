import { describe, expect, test } from "vitest";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { requireParts } from "../../../shared/protocol/require-parts.ts";

const control = { kind: "canny", model: "my-net" };
const inpaint = (fields: object) => editRequestSchema.parse({ task: "inpaint", ...fields });
const parts = ["image", "mask"] as const;

describe("pictures that come with a request", () => {
  test("may have one for each of its controls", () => {
    const request = inpaint({ controls: [control, { ...control, kind: "raw" }] });
    requireParts(request, [...parts, "control-1"]);
    expect(() => requireParts(request, [...parts, "control-2"])).toThrow("belongs to no control of the request");
  });

  test("have a reference where an IP-Adapter reads it, and none that nothing reads", () => {
    requireParts(inpaint({ referenceModel: "adapter" }), [...parts, "reference"]);
    expect(() => requireParts(inpaint({ referenceModel: "adapter" }), parts)).toThrow("The part reference is missing.");
    expect(() => requireParts(inpaint({}), [...parts, "reference"])).toThrow("needs a referenceModel");
  });

  test("have several references, the first ones of four", () => {
    const read = inpaint({ referenceModel: "adapter" });
    requireParts(read, [...parts, "reference", "reference-1", "reference-2", "reference-3"]);
    expect(() => requireParts(read, [...parts, "reference", "reference-2"])).toThrow(
      "The part reference-1 is missing.",
    );
    const restyle = editRequestSchema.parse({ task: "restyle" });
    requireParts(restyle, ["image", "reference", "reference-1"]);
    expect(() => requireParts(restyle, ["image", "reference-1"])).toThrow("The part reference is missing.");
  });

  test("are controlled by four ControlNets at most, each for a stretch of the run", () => {
    expect(() => inpaint({ controls: Array.from({ length: 5 }, () => control) })).toThrow("controls");
    expect(() => inpaint({ controls: [{ ...control, start: 0.6, end: 0.4 }] })).toThrow("ends after it starts");
  });
});
