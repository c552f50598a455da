/*
 * How long sandbox and panel wait. The sandbox gives up first and says why; the panel waits a little longer than all that the
 * sandbox may try in turn.
 */

/** The original of a 128 MP picture comes from the same server as the page; a minute means it will not come. */
export const ORIGINAL_TIMEOUT_MS = 60_000;
/** Penpot renders exports on its server and gives up after 30 s itself. */
export const EXPORT_TIMEOUT_MS = 45_000;
/** An upload of 30 MiB over a slow line. */
export const UPLOAD_TIMEOUT_MS = 150_000;
/** For the way there and back, and for a document that is slow to change. */
const MARGIN_MS = 15_000;

/** The original, then an export in its place. */
export const READ_TIMEOUT_MS = ORIGINAL_TIMEOUT_MS + EXPORT_TIMEOUT_MS + MARGIN_MS;
export const PLACE_TIMEOUT_MS = UPLOAD_TIMEOUT_MS + MARGIN_MS;
/** Requests that only read or change the document. */
export const DOCUMENT_TIMEOUT_MS = MARGIN_MS;
