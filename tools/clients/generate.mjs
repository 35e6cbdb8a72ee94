// Writes what both clients know of the API, out of the OpenAPI document on standard input:
//   curl -s localhost:8080/openapi/v1.json | node tools/clients/generate.mjs --write
// Without --write it prints the files that are not as they should be. The same document gives the same files.
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from './model.mjs';
import { csharp } from './csharp.mjs';
import { typescript } from './typescript.mjs';

const clients = join(dirname(fileURLToPath(import.meta.url)), '../../src/Clients');
const model = readModel(JSON.parse(readFileSync(0, 'utf8')));
for (const [name, text] of [...csharp(model), ...typescript(model)]) {
  const file = join(clients, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else console.log(`src/Clients/${name}`);
}
