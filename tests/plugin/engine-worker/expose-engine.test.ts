import { wrap } from "comlink";
import { expect, test } from "vitest";
import { exposeEngine } from "../../../plugin/engine-worker/expose-engine.ts";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";

test.each([
  [new OverpaintError("disk-full", "The disk is full.", "Free some space.")],
  [new OverpaintError("cancelled", "It was cancelled.")],
  [new TypeError("something is undefined")],
])("tells the other side the code and the remedy of %s", async (error) => {
  const { port1, port2 } = new MessageChannel();
  const api = {
    fail: async (): Promise<void> => {
      throw error;
    },
  };
  exposeEngine(api, port2);
  const told = await wrap<typeof api>(port1)
    .fail()
    .catch((caught: unknown) => toErrorData(caught));
  port1.close();
  expect(told).toEqual(toErrorData(error));
});
