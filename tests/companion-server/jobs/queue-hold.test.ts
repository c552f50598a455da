import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QueueHold } from "../../../companion-server/jobs/queue-hold.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("holds a queue for longer each time, a minute at most, and briefly again after a success", () => {
  const onOver = vi.fn();
  const hold = new QueueHold({ onOver });
  const holdOnce = () => {
    hold.begin(new Error("The engine did not start."));
    const reason = hold.reason;
    vi.runAllTimers();
    expect(hold.reason).toBeUndefined();
    return reason;
  };
  const reasonOf = (seconds: number) => expect.stringMatching(`tried again every ${seconds} s\\.$`);
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) expect(holdOnce()).toEqual(reasonOf(seconds));
  hold.noteSuccess();
  expect(holdOnce()).toEqual(reasonOf(1));
  expect(onOver).toHaveBeenCalledTimes(9);
});
