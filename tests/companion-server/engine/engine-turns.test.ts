import { expect, test } from "vitest";
import type { Engine } from "../../../companion-server/engine/engine.ts";
import { EngineTurns, type MachineEngine, type TurnWish } from "../../../companion-server/engine/engine-turns.ts";

const engine: Engine = {
  run: async () => ({ device: "cuda", timings: {} }),
  load: async () => ({ device: "cuda", timings: {} }),
  close: async () => {},
};
const first: MachineEngine = { engine, devices: ["cuda"], card: 0, proved: {}, isSpare: false };
const second: MachineEngine = { ...first, card: 1 };

function wish(options: Partial<TurnWish> = {}): TurnWish {
  const { signal } = new AbortController();
  return { due: 0, model: "starter", refused: new Set(), signal, onWait: () => {}, ...options };
}
const onlyFirst = { refused: new Set([second]) };

test("an order whose waiting cannot be written down gives up its turn", async () => {
  const turns = new EngineTurns([first, second], () => new Map());
  await turns.take(wish(onlyFirst));
  const onWait = () => {
    throw new Error("no room");
  };
  await expect(turns.take(wish({ ...onlyFirst, onWait }))).rejects.toThrow("no room");
  turns.giveBack(first);
  expect(turns.free).toBe(2);
});

test("says why an order waits also where the other engine is free later only", async () => {
  const turns = new EngineTurns([first, second], () => new Map());
  await turns.take(wish(onlyFirst));
  await turns.take(wish());
  const reasons: string[] = [];
  const waiting = turns.take(wish({ ...onlyFirst, onWait: (reason) => reasons.push(reason) }));
  expect(reasons).toEqual([]);
  turns.giveBack(second);
  turns.giveBack(first);
  expect(await waiting).toBe(first);
  expect(reasons).toEqual(["Only cuda:0 can draw it, which draws something else."]);
});
