import { withinRoom } from "../files/private-folder.ts";

/** Small files in a folder of the origin-private file system. Undefined for one that is not there. */
export async function readText(folder: FileSystemDirectoryHandle, name: string): Promise<string | undefined> {
  try {
    return await (await (await folder.getFileHandle(name)).getFile()).text();
  } catch {
    return undefined;
  }
}

/** Replaces a file's content. Throws OverpaintError `disk-full` where there is no room. */
export async function writeText(folder: FileSystemDirectoryHandle, name: string, text: string): Promise<void> {
  await withinRoom(async () => {
    const handle = await (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
    try {
      handle.truncate(0);
      handle.write(new TextEncoder().encode(text), { at: 0 });
    } finally {
      handle.close();
    }
  });
}
