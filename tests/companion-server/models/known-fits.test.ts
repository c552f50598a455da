import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KnownFits } from "../../../companion-server/models/known-fits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("what fits is asked once for the same files, and anew when either changes or the part is another kind", async () => {
  await using temporary = await temporaryFolder();
  const folder = temporary.path;
  const [model, part] = ["model.safetensors", "part.safetensors"] as const;
  for (const file of [model, part]) await writeFile(join(folder, file), "one");
  const known = new KnownFits();
  const asked: string[] = [];
  const fits = async (kind: "vae" | "lora", does: boolean): Promise<boolean> => {
    const beside = kind === "vae" ? { vae: { folder, file: part } } : { loras: [{ folder, file: part, strength: 1 }] };
    return await known.fits({ folder, file: model, ...beside }, async () => {
      asked.push(kind);
      if (!does) throw new OverpaintError("unsupported-model", "It does not fit.");
    });
  };
  expect([await fits("vae", true), await fits("vae", false), asked]).toEqual([true, true, ["vae"]]);
  expect([await fits("lora", false), await fits("lora", true), asked]).toEqual([false, false, ["vae", "lora"]]);
  await writeFile(join(folder, part), "another");
  expect(await fits("vae", false)).toBe(false);
  await writeFile(join(folder, model), "another");
  expect(await fits("vae", true)).toBe(true);
  expect(asked).toEqual(["vae", "lora", "vae", "vae"]);
});

test("what could not be told is asked again", async () => {
  await using temporary = await temporaryFolder();
  await writeFile(join(temporary.path, "model.safetensors"), "one");
  const known = new KnownFits();
  const places = { folder: temporary.path, file: "model.safetensors" };
  expect(await known.fits(places, () => Promise.reject(new Error("EMFILE: too many open files")))).toBe(false);
  expect(await known.fits(places, () => Promise.resolve())).toBe(true);
});
