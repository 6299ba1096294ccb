import { apiOf, type ConnectionOptions } from '../connection.ts';
import { type OutputOptions, plainText, printRows } from '../output.ts';

/** `smmf model list` */
export async function listModels(options: ConnectionOptions & OutputOptions): Promise<void> {
  const api = await apiOf(options);
  const models = await api.models().finally(() => api.close());
  const rows = models.map(({ id, tasks = [], max_model_len: context }) => {
    return { id: plainText(id), tasks: tasks.join(','), context: context ?? '' };
  });
  printRows(rows, models, options);
}
