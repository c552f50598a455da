/** Longest side of a source image, in pixels: Penpot's own ImageMagick policy ends there. */
export const MAX_IMAGE_SIDE = 16_384;
/** Most pixels in a source image (128 MP), the same policy's area limit. */
export const MAX_IMAGE_PIXELS = 128_000_000;
/** Largest uploaded file in bytes; a 128 MP photograph as PNG stays below it. */
export const MAX_UPLOAD_BYTES = 256 * 1024 * 1024;
/** Longest prompt in characters. Encoders read 77 tokens a chunk; beyond this length nothing the text says still shows. */
export const MAX_PROMPT_CHARACTERS = 4_000;
/** Penpot refuses larger media by default (`media-max-file-size`). */
export const PENPOT_MAX_MEDIA_BYTES = 30 * 1024 * 1024;
/** Largest seed: the generator takes 32 bits of it, as torch's mt19937 does. */
export const MAX_SEED = 0xffff_ffff;
/** Most LoRAs of one request. */
export const MAX_LORAS = 16;
/** Beyond this, either way, no LoRA leaves anything of a picture. */
export const MAX_LORA_STRENGTH = 20;
/** Most variants of one request. */
export const MAX_VARIANTS = 16;
