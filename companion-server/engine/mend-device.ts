import type { Device } from "../../shared/protocol/api.ts";

/** Why a device does not work, for whoever runs the companion, and what makes it work. */
export interface DeviceFailure {
  readonly reason: string;
  /** A command where there is one, else a sentence. */
  readonly mend?: string;
}

interface KnownFailure {
  readonly device?: Device;
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, system: string) => DeviceFailure;
}

/** Of the runtime's provider for CUDA; the installer still calls it by the version that came before. */
const INSTALL_CUDA_PROVIDER = "ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js";

const known: readonly KnownFailure[] = [
  {
    pattern: /Cannot find module '[^']*onnxruntime_binding\.node'|Cannot find (?:module|package) 'onnxruntime-node'/,
    explain: (_, system) => ({
      reason: `onnxruntime has no binary for ${system}`,
      mend: "Nothing: the panel draws in the browser instead.",
    }),
  },
  {
    device: "cuda",
    pattern: /lib(cudnn)\w*\.so\.(\d+)/,
    explain: ([file, , version]) => ({
      reason: `cuDNN ${version} is missing (${file})`,
      mend: `sudo apt install cudnn${version}-cuda-13`,
    }),
  },
  {
    device: "cuda",
    pattern: /lib(?:cublasLt|cublas|cudart|cufft|curand|nvrtc)\.so\.(\d+)/,
    explain: ([file, version]) => ({
      reason: `the libraries of CUDA ${version} are missing (${file})`,
      mend: `sudo apt install cuda-libraries-${version}-0`,
    }),
  },
  {
    device: "cuda",
    pattern: /Failed to load shared library/,
    explain: () => ({
      reason: "onnxruntime's provider for CUDA is not installed, or lacks the libraries of CUDA 13 and cuDNN 9",
      mend: INSTALL_CUDA_PROVIDER,
    }),
  },
  {
    device: "cuda",
    pattern: /driver version is insufficient|InsufficientDriver|CUDA failure 35/,
    explain: () => ({
      reason: "NVIDIA's driver is too old for the libraries of CUDA",
      mend: "sudo ubuntu-drivers install   # or another way to NVIDIA's driver 580 or newer",
    }),
  },
  {
    device: "cuda",
    pattern: /no CUDA-capable device|CUDA failure 100/,
    explain: () => ({ reason: "NVIDIA's driver sees no card" }),
  },
  {
    device: "webgpu",
    pattern: /No supported adapters|adapter_result\.status|libvulkan|Failed to get a WebGPU adapter/,
    explain: (_, system) =>
      system.startsWith("linux")
        ? {
            reason: "no graphics adapter with a Vulkan driver was found",
            mend: "sudo apt install libvulkan1 mesa-vulkan-drivers   # AMD and Intel; NVIDIA's driver brings its own",
          }
        : { reason: "no graphics adapter was found", mend: "Update the driver of the graphics card." },
  },
  {
    device: "dml",
    pattern: /887A000[5-7]/i,
    explain: () => ({
      reason: "the graphics driver gave up or was reset",
      mend: "Update the driver of the graphics card.",
    }),
  },
  {
    pattern: /no answer within/,
    explain: ([words]) => ({
      reason: `its driver hangs (${words} …)`,
      mend: "Restart the machine; if that does not help, update the driver.",
    }),
  },
];

/** Puts the runtime's reason into words that help. Reasons that nobody knows stay as they are. @param system as in `linux-x64` */
export function explainFailure(device: Device, reason: string, system: string): DeviceFailure {
  for (const { device: only, pattern, explain } of known) {
    if (only !== undefined && only !== device) continue;
    const match = pattern.exec(reason);
    if (match) return explain(match, system);
  }
  return { reason };
}
