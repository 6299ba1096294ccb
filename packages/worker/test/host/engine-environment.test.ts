import { expect, it } from 'vitest';
import { engineEnvironment } from '../../src/host/engine-environment.ts';

const everything = {
  PATH: '/usr/bin',
  HOME: '/home/a',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  TZ: 'UTC',
  TMPDIR: '/var/tmp',
  XDG_CACHE_HOME: '/c',
  HF_TOKEN: 'hf',
  HF_ENDPOINT: 'https://hub',
  HUGGING_FACE_HUB_TOKEN: 'hf',
  MODELSCOPE_CACHE: '/ms',
  SMMF_CACHE: '/smmf',
  SMMF_OFFLINE: '1',
  HTTP_PROXY: 'http://p',
  https_proxy: 'http://p',
  ALL_PROXY: 'http://p',
  no_proxy: 'localhost',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
  CUDA_VISIBLE_DEVICES: '0',
  NVIDIA_VISIBLE_DEVICES: 'all',
  HIP_VISIBLE_DEVICES: '0',
  ROCR_VISIBLE_DEVICES: '0',
  OMP_NUM_THREADS: '2',
  GGML_METAL_PATH: '/m',
};

const secrets = {
  SMMF_KEY: 'sk-smmf',
  SMMF_CACHE_KEY: 'x',
  OPENAI_API_KEY: 'sk-openai',
  AWS_SECRET_ACCESS_KEY: 'aws',
  DATABASE_URL: 'postgres://u:p@h/d',
  NODE_OPTIONS: '--require /evil.js',
  LD_PRELOAD: '/evil.so',
  NODE_PATH: '/evil',
  npm_config_registry: 'x',
  SSH_AUTH_SOCK: '/s',
  MY_HF_TOKEN: 'x',
  SOME_PROXY: 'x',
};

it('S35: is exactly the golden list, whatever else stands in the environment', () => {
  expect(engineEnvironment({ ...secrets, ...everything }, 8, 'linux')).toEqual({
    ...everything,
    UV_THREADPOOL_SIZE: '12',
  });
});

it("gives libuv four threads more than the engine's slots, unless told otherwise", () => {
  expect(engineEnvironment({}, undefined, 'linux')).toEqual({ UV_THREADPOOL_SIZE: '8' });
  expect(engineEnvironment({ UV_THREADPOOL_SIZE: '32' }, 8, 'linux')).toEqual({ UV_THREADPOOL_SIZE: '32' });
});

it('gives libuv as many threads as the plugin says, whatever else is set', () => {
  expect(engineEnvironment({ UV_THREADPOOL_SIZE: '32' }, 8, 'linux', 1)).toEqual({ UV_THREADPOOL_SIZE: '1' });
});

it('leaves out what has no value', () => {
  expect(engineEnvironment({ HOME: undefined, TZ: '' }, 1, 'linux')).toEqual({ TZ: '', UV_THREADPOOL_SIZE: '5' });
});

it('adds on Windows what programs need there, names in any case', () => {
  const found = engineEnvironment({ Path: 'C:\\', SystemRoot: 'C:\\Windows', OPENAI_API_KEY: 'sk' }, 1, 'win32');
  expect(found).toEqual({ Path: 'C:\\', SystemRoot: 'C:\\Windows', UV_THREADPOOL_SIZE: '5' });
  expect(engineEnvironment({ SystemRoot: 'x' }, 1, 'linux')).not.toHaveProperty('SystemRoot');
});
