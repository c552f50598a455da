// What the runtime and the drivers below it say when something fails, sorted by what can be done about it. Every provider has words
// of its own; none has codes.

/** Of each provider and of the libraries it stands on. */
const OUT_OF_MEMORY = new RegExp(
  [
    "out of memory", // CUDA's own, Metal's, Dawn's
    "OutOfMemory|OUTOFMEMORY|OUT_OF_MEMORY", // MTLCommandBufferErrorOutOfMemory, E_OUTOFMEMORY
    "8007000E|not enough memory", // DirectML: HRESULT and its words
    "(ALLOC|ALLOCATION)_FAILED", // CUBLAS_STATUS_, CUDNN_STATUS_, CUFFT_
    "MemoryAllocation", // cudaErrorMemoryAllocation
    "failed to allocate|allocation fail|allocation error", // the runtime's arenas, V8's
    "bad_alloc|bad allocation", // libstdc++ and MSVC
    "OUT_OF_(DEVICE|HOST|POOL)_MEMORY", // Vulkan
    "insufficient memory", // Metal
    "cannot allocate memory|ENOMEM", // the system
    "exceeds the max buffer size|larger than the maximum (storage )?buffer", // WebGPU: smaller tiles fit
  ].join("|"),
  "i",
);

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && OUT_OF_MEMORY.test(error.message);
}

const MISSING_OPERATOR = [
  /could not find an implementation for (?:the node )?([\w.]+)/i,
  /no op registered for ([\w.]+)/i,
  /([\w.:]+)(?:\(-?\d+\))? is not a registered function\/op/i,
  /failed to find kernel for ([\w.]+)/i,
  /kernel (?:was )?not found.*?op(?:erator)?[ :]+([\w.]+)/i,
];

/** The operator that a device or this version of the runtime has not, where that is why a graph cannot be loaded. */
export function missingOperator(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const pattern of MISSING_OPERATOR) {
    const operator = pattern.exec(error.message)?.[1];
    if (operator !== undefined) return operator;
  }
  return undefined;
}
