import { expect, onTestFinished, test, vi } from "vitest";
import { Stopwatch } from "../../../companion-server/engine/stopwatch.ts";

test("adds up what a name was measured for", () => {
  const stopwatch = new Stopwatch();
  stopwatch.add("unet", 1.25);
  stopwatch.add("unet", 2);
  expect(stopwatch.timings).toEqual({ unet: 3.3 });
});

test("counts the time of a stage inside another for that one alone", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const takes = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
  };
  const stopwatch = new Stopwatch();
  await stopwatch.measure("edit", async () => {
    await takes(1);
    await stopwatch.measure("modelLoad", () => takes(20));
    await stopwatch.measure("encodeResults", async () => {
      await takes(300);
      await stopwatch.measure("modelLoad", () => takes(4000));
    });
    await takes(50_000);
  });
  expect(stopwatch.timings).toEqual({ edit: 50_001, modelLoad: 4020, encodeResults: 300 });
});

test("counts a stage that failed, and goes on", async () => {
  const stopwatch = new Stopwatch();
  await stopwatch.measure("edit", async () => {
    const failing = stopwatch.measure("modelLoad", async () => {
      throw new Error("damaged");
    });
    await expect(failing).rejects.toThrow("damaged");
  });
  expect(Object.keys(stopwatch.timings)).toEqual(["modelLoad", "edit"]);
});
