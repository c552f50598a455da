import type { JobId } from "../../../../shared/protocol/api.ts";

/**
 * Takes a job for this panel as long as it is open: false where another panel of this browser has it. Where the browser keeps no
 * locks for a framed page, every panel may.
 */
export async function claimJob(id: JobId): Promise<boolean> {
  // Absent in pages that are not served securely, and refused where third-party storage is blocked.
  if (navigator.locks === undefined) return true;
  return await new Promise((resolve) => {
    navigator.locks
      .request(`overpaint-job-${id}`, { ifAvailable: true }, async (lock) => {
        resolve(lock !== null);
        // Held until the page goes.
        if (lock !== null) await new Promise(() => {});
      })
      .catch(() => resolve(true));
  });
}
