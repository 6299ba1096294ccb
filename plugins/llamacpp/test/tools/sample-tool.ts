/** A tool as an agent or an MCP server declares it, with arguments that are right and wrong for it. */
export interface SampleTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly right: readonly object[];
  readonly wrong: readonly unknown[];
  /** No grammar follows its schema: the keyword that is in the way. */
  readonly unbound?: string;
}

export const text = { type: 'string' };

/** What Pydantic writes for `X | None = None`. */
export const orNull = (schema: object, title: string) => ({ anyOf: [schema, { type: 'null' }], default: null, title });
