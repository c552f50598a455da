/**
 * An ONNX graph made by make_probe_graph.py: y = relu(conv3x3(x)) with every weight 0.01 and zero padding, the operator that
 * dominates diffusion. [1, 32, 128, 128] to the same, 0.3 GFLOP: nothing for a graphics card, seconds for software that imitates one.
 */
export const PROBE_GRAPH = Buffer.from(
  "CAg66gEKQgoMd2VpZ2h0X3NoYXBlEgZ3ZWlnaHQiD0NvbnN0YW50T2ZTaGFwZSoZCgV2YWx1ZSoNCAEQASIECtcjPEIBdqABBAovCgF4CgZ3ZWlnaHQSCWNvbnZvbHZlZCIEQ29udioRCgRwYWRzQAFAAUABQAGgAQcKFAoJY29udm9sdmVkEgF5IgRSZWx1EgVwcm9iZSoYCAQQBzoEICADA0IMd2VpZ2h0X3NoYXBlWh0KAXgSGAoWCAESEgoCCAEKAgggCgMIgAEKAwiAAWIdCgF5EhgKFggBEhIKAggBCgIIIAoDCIABCgMIgAFCBAoAEBE=",
  "base64",
);
export const PROBE_CHANNELS = 32;
export const PROBE_SIZE = 128;
