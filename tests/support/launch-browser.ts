import { type Browser, chromium } from "playwright-core";
import { findChromium } from "./find-chromium.ts";

/** Chromium's own WebGPU implementation on the processor: very slow, but the same code path as a graphics card. */
export const softwareWebGpuArguments = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] as const;

const quietArguments = [
  // Containers rarely grant the privileges that Chromium's sandbox needs; the pages are our own.
  "--no-sandbox",
  // Their /dev/shm is often 64 MB, too small for a page with large pictures.
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

/** A headless Chrome or Chromium of this machine. The caller closes it. */
export async function launchBrowser(options: { readonly args?: readonly string[] } = {}): Promise<Browser> {
  return await chromium.launch({
    executablePath: await findChromium(),
    args: [...quietArguments, ...(options.args ?? [])],
  });
}
