import { expect, test } from "vitest";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

test("ignores messages that are not ours, or are not marked with the secret of the panel's address", async () => {
  const host = new SandboxInPlayground().start();
  const { secret } = host;
  const forged = { source: "overpaint", secret: `${secret.slice(1)}x`, type: "ready" };
  const strangers = [
    { type: "ready" },
    { source: "other", secret, type: "ready" },
    { source: "overpaint", type: "ready" },
  ];
  for (const message of [null, "ready", [1, 2], ...strangers, forged]) host.post(message);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(host.messages).toEqual([]);
});

test("answers a malformed request with what is wrong with it", async () => {
  const host = new SandboxInPlayground().start();
  host.send({ type: "place-layer", requestId: 4, shapeId: "x" });
  expect(await host.answer("failed")).toMatchObject({ requestId: 4, error: { code: "invalid-request" } });
});

test("selects a shape and resizes the window on request", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle());
  host.send({ type: "select-shape", shapeId: id });
  host.send({ type: "resize", width: 900, height: 700 });
  expect(host.store.snapshot.selection).toEqual([id]);
  expect(host.penpot.ui.resize).toHaveBeenCalledWith(900, 700);
});
