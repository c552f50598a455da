/** Names that Windows keeps for devices, whatever ends they have: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)/i;
/** What separates folders, disks or streams somewhere, stands for other names, or shows nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in names
const FORBIDDEN = /[\\/:*?"<>|\u0000-\u001f]/;
const LONGEST_NAME = 200;

/** What is said of a name for which `isFileName` does not hold. */
export const FILE_NAME_RULE = `a file's name has up to ${LONGEST_NAME} characters, none of them \\ / : * ? " < > |, no dot in front, no dot or space at its end, and is no device's such as CON`;

/**
 * Whether a file can have a name on every system, and is found there by that alone and in plain sight. Asked of every name from
 * outside that becomes a part of a path.
 */
export function isFileName(name: string): boolean {
  return (
    name !== "" && name.length <= LONGEST_NAME && !/^\.|[. ]$/.test(name) && !FORBIDDEN.test(name) && !isDevice(name)
  );
}

/** Whether Windows would open a device under a name. */
export function isDevice(name: string): boolean {
  return DEVICE.test(name);
}
