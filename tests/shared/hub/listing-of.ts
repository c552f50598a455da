import type { CatalogEntry } from "../../../shared/hub/catalog.ts";
import type { HubFile } from "../../../shared/hub/hub-client.ts";

/** Of stabilityai/stable-diffusion-xl-base-1.0, one file of each sort that it ships. */
export const xlListing = `
.gitattributes 01.png LICENSE.md README.md comparison.png model_index.json scheduler/scheduler_config.json
sd_xl_base_1.0.safetensors sd_xl_base_1.0_0.9vae.safetensors sd_xl_offset_example-lora_1.0.safetensors
text_encoder/config.json text_encoder/flax_model.msgpack text_encoder/model.fp16.safetensors text_encoder/model.onnx
text_encoder/model.safetensors text_encoder/openvino_model.bin text_encoder/openvino_model.xml
text_encoder_2/config.json text_encoder_2/flax_model.msgpack text_encoder_2/model.fp16.safetensors text_encoder_2/model.onnx
text_encoder_2/model.onnx_data text_encoder_2/model.safetensors text_encoder_2/openvino_model.bin
tokenizer/merges.txt tokenizer/special_tokens_map.json tokenizer/tokenizer_config.json tokenizer/vocab.json
tokenizer_2/merges.txt tokenizer_2/special_tokens_map.json tokenizer_2/tokenizer_config.json tokenizer_2/vocab.json
unet/config.json unet/diffusion_flax_model.msgpack unet/diffusion_pytorch_model.fp16.safetensors
unet/diffusion_pytorch_model.safetensors unet/model.onnx unet/model.onnx_data unet/openvino_model.bin unet/openvino_model.xml
vae/config.json vae/diffusion_flax_model.msgpack vae/diffusion_pytorch_model.fp16.safetensors
vae/diffusion_pytorch_model.safetensors vae_1_0/config.json vae_1_0/diffusion_pytorch_model.fp16.safetensors
vae_1_0/diffusion_pytorch_model.safetensors vae_decoder/config.json vae_decoder/model.onnx vae_decoder/openvino_model.bin
vae_encoder/config.json vae_encoder/model.onnx vae_encoder/openvino_model.bin
`
  .trim()
  .split(/\s+/);

/** What else repositories of that layout hold: the same weights for other programs, the parts that are not read, documents. */
function besides({ files }: CatalogEntry): readonly string[] {
  const paths = files.map(({ path }) => path);
  const weights = paths.filter((path) => /\.fp16\.safetensors$/.test(path));
  const others = weights.flatMap((path) => [
    path.replace(".fp16", ""),
    path.replace(/\.fp16\.safetensors$/, ".fp16.bin"),
    path.replace(/\.fp16\.safetensors$/, ".bin"),
    path.replace(/[^/]+$/, "flax_model.msgpack"),
    path.replace(/[^/]+$/, "openvino_model.bin"),
    path.replace(".fp16", ".non_ema"),
  ]);
  const folders = paths.includes("model_index.json")
    ? [
        "safety_checker/config.json",
        "safety_checker/model.fp16.safetensors",
        "feature_extractor/preprocessor_config.json",
        "v1-5-pruned-emaonly.safetensors",
        "v1-5-pruned.ckpt",
        "assets/teaser.png",
      ]
    : paths.includes("config.json")
      ? ["taesd_decoder.safetensors", "taesd_encoder.safetensors", "diffusion_pytorch_model.bin"]
      : ["onnx/model_fp16.onnx", "onnx/model_quantized.onnx", "preprocessor_config.json"];
  return [".gitattributes", "README.md", "LICENSE", ...others, ...folders];
}

/** A listing as a repository of an entry's layout has it. */
export function listingOf(entry: CatalogEntry): readonly HubFile[] {
  const known = new Map(entry.files.map((file) => [file.path, file]));
  const paths = entry.id === "sdxl" ? xlListing : [...new Set([...besides(entry), ...known.keys()])];
  return paths.map((path) => ({
    path,
    size: known.get(path)?.size ?? 1000,
    digest: { algorithm: "sha256", hex: known.get(path)?.sha256 ?? "0".repeat(64) },
  }));
}
