import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.ts';

/** Is nginx installed. */
export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0;

/**
 * nginx before the API servers. A server that leaves closes its port: `max_fails=0` lets it come back at once, in place of ten
 * seconds later.
 */
const config = (folder: string, port: number, servers: readonly string[]): string => `
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream smmf {
    ${servers.map((url) => `server ${new URL(url).host} max_fails=0;`).join(' ')}
    keepalive 64;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://smmf; proxy_http_version 1.1; proxy_buffering off;
      proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_connect_timeout 1s; proxy_next_upstream error timeout non_idempotent;
    }
  }
}`;

/** nginx at `port`, before `servers`; its files are in `parent`. Not started. */
export function nginxBefore(servers: readonly string[], port: number, parent: string): Program {
  const folder = join(parent, 'nginx');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config(folder, port, servers));
  // Run as root it would give its worker another user, who may not enter the folder.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
  return new Program({ name: 'nginx', command: 'nginx', args: ['-c', file, ...user], log: join(folder, 'log') });
}
