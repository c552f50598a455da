import { type PngText, XMP_KEYWORD } from "../../imaging/metadata/png-metadata.ts";
import type { EditResult } from "../../protocol/edit-event.ts";
import type { Recipe } from "../../protocol/recipe.ts";

/** Keyword of the PNG text chunk that holds the recipe as JSON. */
export const RECIPE_KEYWORD = "overpaint-recipe";
/** Keyword of the PNG text chunk that says as JSON where the layer lies: `layer` and `erases` of an EditResult. */
export const PLACE_KEYWORD = "overpaint-place";

/** IPTC NewsCodes, https://cv.iptc.org/newscodes/digitalsourcetype/ */
const DIGITAL_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/";

/**
 * The text chunks that say how a picture was made: the recipe, and XMP with IPTC's digital source type. A picture made
 * from nothing is `trainedAlgorithmicMedia`, an edit of an existing one `compositeWithTrainedAlgorithmicMedia`.
 */
export function provenanceText(recipe: Recipe): readonly PngText[] {
  const sourceType =
    recipe.inputs.image === undefined ? "trainedAlgorithmicMedia" : "compositeWithTrainedAlgorithmicMedia";
  const xmp = [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    ` Iptc4xmpExt:DigitalSourceType="${DIGITAL_SOURCE_TYPES}${sourceType}"`,
    ` xmp:CreatorTool="Overpaint ${recipe.engine.version}"/>`,
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>',
  ].join("");
  return [
    { keyword: XMP_KEYWORD, text: xmp },
    { keyword: RECIPE_KEYWORD, text: JSON.stringify(recipe) },
  ];
}

/** The text chunk that says where the picture lies in its source, so that the picture alone tells all of its result. */
export function placeText(place: Pick<EditResult, "layer" | "erases">): PngText {
  return { keyword: PLACE_KEYWORD, text: JSON.stringify(place) };
}
