/** A file of a model or of the engine, wherever it was found. */
export interface FoundFile {
  readonly content: Blob;
  /** Of the content, where somebody checked it when it arrived. */
  readonly sha256?: string | undefined;
}

/** The file that a server answered with; undefined where there is none. Rejects where the server fails. */
export async function fileIn(response: Response): Promise<FoundFile | undefined> {
  // Hosts of single-page applications answer what they do not have with their start page.
  if (response.status === 404 || response.headers.get("content-type")?.startsWith("text/html")) return undefined;
  if (!response.ok) throw new Error(`status ${response.status}`);
  return { content: await response.blob() };
}
