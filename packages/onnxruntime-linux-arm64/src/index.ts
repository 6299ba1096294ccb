import { fileURLToPath } from 'node:url';

/** Absolute path of ONNX Runtime's binding for Node; beside it lies the library. Packing the package puts both there. */
export const bindingPath: string = fileURLToPath(new URL('../bin/onnxruntime_binding.node', import.meta.url));
