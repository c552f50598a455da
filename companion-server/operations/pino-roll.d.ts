/** The package brings no types. Of its answer, a SonicBoom, what the log uses. */
declare module "pino-roll" {
  import type { EventEmitter } from "node:events";
  import type { DestinationStream } from "pino";

  export interface RollingFile extends DestinationStream, EventEmitter {
    end(): void;
    flushSync(): void;
  }

  export default function openRollingFile(options: {
    /** Path without number and extension. */
    readonly file: string;
    readonly extension: string;
    /** Such as "10m". */
    readonly size: string;
    /** Full files that stay, the newest. */
    readonly limit: { readonly count: number };
    readonly mkdir: boolean;
    readonly mode: number;
    readonly sync: boolean;
  }): Promise<RollingFile>;
}
