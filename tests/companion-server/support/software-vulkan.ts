import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { findChromium } from "../../support/find-chromium.ts";

/** Where the driver of `softwareVulkan` runs, and the runtime's WebGPU with it. */
export const hasSoftwareVulkan = `${process.platform}-${process.arch}` === "linux-x64";

/**
 * What makes Vulkan draw in software: the driver that comes with Chromium. Mesa's of Debian 12 (22.3) lacks what the runtime's WebGPU
 * asks of an adapter.
 */
export async function softwareVulkan(): Promise<NodeJS.ProcessEnv> {
  const folders = [dirname(realpathSync(await findChromium())), "/usr/lib/chromium", "/usr/lib/chromium-browser"];
  const folder = folders.find((each) => existsSync(join(each, "vk_swiftshader_icd.json")));
  if (folder === undefined) throw new Error(`There is no software driver for Vulkan in ${folders.join(", ")}.`);
  return { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: folder };
}
