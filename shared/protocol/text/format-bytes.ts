const KIB = 1024;
const MIB = KIB ** 2;
const GIB = KIB ** 3;

/** A size as people read it: `812 KiB`, `31.4 MiB`, `6.5 GiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < MIB) return `${Math.ceil(bytes / KIB)} KiB`;
  return bytes < GIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
}
