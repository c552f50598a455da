import { spawn } from "node:child_process";

/** The program that opens an address in the user's browser, or undefined where nobody would see it. */
export function browserOpener(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] | undefined {
  if (env.CI) return undefined;
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : undefined;
}

/** Opens `url` if there is a screen to open it on. Never fails: the address is printed anyway. */
export function openBrowser(url: string): void {
  const opener = browserOpener(process.platform, process.env);
  if (opener === undefined) return;
  const [program, ...args] = opener;
  spawn(program, [...args, url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
