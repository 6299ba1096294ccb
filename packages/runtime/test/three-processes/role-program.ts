// One role in a process of its own: prints where it listens as a line of JSON, and ends with its standard input.
import { type Config, createRole, type RoleName } from '../../src/index.ts';

/** What the program is told by its argument. */
export interface RoleOrder {
  readonly role: RoleName;
  readonly baseDir: string;
  readonly config: Config;
}

const { role, baseDir, config } = JSON.parse(process.argv[2] ?? '') as RoleOrder;
const running = await createRole(role, config, { baseDir });
process.stdout.write(`${JSON.stringify(running.listening)}\n`);
process.stdin.resume().once('end', async () => {
  await running.close(1_000);
  process.exit(0);
});
