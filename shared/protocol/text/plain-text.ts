/** Control characters, those of writing direction and those that do not show: what could steer a terminal or disguise a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Text of others (of a model's files, say) as it may be shown: every character that is not seen becomes �. Tabs and line ends stay. */
export function plainText(text: string): string {
  return text.replace(UNSEEN, "\ufffd");
}
