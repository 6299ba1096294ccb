/** Variables that an engine's process gets; a name that ends in `*` stands for all that begin so. Nothing else goes through. */
export const ALLOWED_VARIABLES = [
  'PATH',
  'HOME',
  'LANG',
  'LC_*',
  'TZ',
  'TMPDIR',
  'XDG_*',
  'HF_*',
  'HUGGING_FACE_HUB_TOKEN',
  'MODELSCOPE_*',
  'SMMF_CACHE',
  'SMMF_OFFLINE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'CUDA_*',
  'NVIDIA_*',
  'HIP_*',
  'ROCR_*',
  'UV_THREADPOOL_SIZE',
  'OMP_NUM_THREADS',
  'GGML_*',
] as const;

/** What Windows needs to start and run a program at all. */
const WINDOWS_VARIABLES = ['SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP', 'USERPROFILE', 'LOCALAPPDATA'];

const DEFAULT_SLOTS = 4;

function isAllowed(name: string, allowed: readonly string[]): boolean {
  // Proxies are written in small letters as often as in capitals; names on Windows have no case.
  const upper = name.toUpperCase();
  return allowed.some((entry) => (entry.endsWith('*') ? upper.startsWith(entry.slice(0, -1)) : upper === entry));
}

/**
 * The environment of an engine's process: an allow-list, so that keys of vendors and of SMMF itself stay here.
 *
 * @param slots requests at once; libuv gets as many threads and four more unless `UV_THREADPOOL_SIZE` is set
 * @param poolThreads how many libuv gets in any case, where the plugin says so
 */
export function engineEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  slots: number = DEFAULT_SLOTS,
  platform: NodeJS.Platform = process.platform,
  poolThreads?: number,
): Record<string, string> {
  const allowed = platform === 'win32' ? [...ALLOWED_VARIABLES, ...WINDOWS_VARIABLES] : ALLOWED_VARIABLES;
  const result: Record<string, string> = { UV_THREADPOOL_SIZE: String(4 + slots) };
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isAllowed(name, allowed)) result[name] = value;
  }
  if (poolThreads !== undefined) result.UV_THREADPOOL_SIZE = String(poolThreads);
  return result;
}
