import { DATA } from './tools/data.ts';
import { BROWSER, FILES, HOSTING } from './tools/files-and-pages.ts';
import { OFFICE, OTHERS } from './tools/office.ts';
import type { SampleTool } from './tools/sample-tool.ts';

/** Tools as agents and MCP servers declare them. */
export const SAMPLE_TOOLS: readonly SampleTool[] = [...FILES, ...HOSTING, ...BROWSER, ...DATA, ...OFFICE, ...OTHERS];
