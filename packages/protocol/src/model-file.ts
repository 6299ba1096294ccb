/** What an engine can tell of a model file without loading it; what it does not know is absent. */
export interface ModelFileFacts {
  /** For example `GGUF 3`. */
  readonly format: string;
  readonly name?: string | undefined;
  readonly architecture?: string | undefined;
  /** How many numbers its weights are. */
  readonly parameters?: number | undefined;
  /** For example `Q4_K_M`. */
  readonly quantization?: string | undefined;
  /** Tokens that it was trained on. */
  readonly contextLength?: number | undefined;
  /** Does it say how messages become a prompt. */
  readonly hasChatTemplate?: boolean | undefined;
  readonly license?: string | undefined;
}
