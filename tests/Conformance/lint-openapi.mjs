// Lints the OpenAPI document on standard input with Redocly's and Spectral's rules (openapi/*.yaml); one line a finding, of any severity.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
const file = join(folder, 'v1.json');
writeFileSync(file, readFileSync(0));
const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
const run = (tool, ...args) => {
  const { status, stdout, stderr } = spawnSync(resolve('node_modules/.bin', tool), args, { encoding: 'utf8', env: environment, maxBuffer: 1 << 28 });
  if (status > 1) throw new Error(`${tool} ended with ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
};

try {
  for (const p of run('redocly', 'lint', file, '--config', 'openapi/redocly.yaml', '--format', 'json').problems)
    console.log(`redocly ${p.ruleId} ${p.location?.[0]?.pointer ?? ''}: ${p.message}`.replaceAll('\n', ' '));
  for (const p of run('spectral', 'lint', file, '--ruleset', 'openapi/spectral.yaml', '--format', 'json', '--quiet', '--fail-severity', 'hint'))
    console.log(`spectral ${p.code} /${p.path.join('/')}: ${p.message}`.replaceAll('\n', ' '));
} finally {
  rmSync(folder, { recursive: true });
}
