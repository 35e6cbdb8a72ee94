// Type-checks the TypeScript client and what is written against it; prints what the compiler says.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const { stdout, stderr, status } = spawnSync(resolve('node_modules/.bin/tsc'), ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom,dom.iterable', '--types', '', 'client-usage.mts'], { encoding: 'utf8' });
if (status !== 0) console.log(stdout + stderr);
