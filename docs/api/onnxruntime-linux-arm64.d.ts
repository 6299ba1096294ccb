// dist/index.d.ts
/** Absolute path of ONNX Runtime's binding for Node; beside it lies the library. Packing the package puts both there. */
export declare const bindingPath: string;

export { }
