import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { PICTURE_HEADER } from "../../shared/protocol/selection.ts";
import { inspectImage } from "../images/inspect-image.ts";
import { parseSelection } from "../requests/parse-submission.ts";
import type { Selections } from "../selections.ts";
import type { Handler } from "./create-api.ts";
import { receiveForm } from "./receive-submission.ts";

/** `POST selections`: takes clicks and a picture, or the name of one that was sent before, and answers a mask. */
export function createSelection(selections: Selections, maxUploadBytes?: number): Handler<"createSelection"> {
  return async (_input, request, response) => {
    const upload = selections.newFile();
    try {
      const targets = { partFile: () => upload, maxFileBytes: maxUploadBytes };
      const { json, parts } = await receiveForm(request, targets);
      const useless = parts.find((part) => part !== "image");
      if (useless !== undefined)
        throw new OverpaintError(
          "invalid-request",
          `The part ${useless} is not expected for a selection.`,
          "Send the parts request and image.",
        );
      const wanted = parseSelection(json);
      if (parts.length > 0) await inspectImage(upload, "The picture");
      const picture = parts.length > 0 ? await selections.keep(upload) : wanted.picture;
      if (picture === null)
        throw new OverpaintError("invalid-request", "The part image is missing.", "Send the picture, or name it.");
      const mask = await selections.select(wanted, picture);
      response.set(PICTURE_HEADER, picture).type("image/png").send(Buffer.from(mask));
    } finally {
      await selections.discard(upload);
    }
  };
}
