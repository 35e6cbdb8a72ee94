// Writes what both clients know of the API, out of the OpenAPI document on standard input:
//   curl -s localhost:8080/openapi/v1.json | node tools/clients/generate.mjs --write
// Without --write it prints the files that are not as they should be. The same document gives the same files.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from './model.mjs';
import { csharp } from './csharp.mjs';
import { typescript } from './typescript.mjs';

const clients = join(dirname(fileURLToPath(import.meta.url)), '../../src/Clients');
const model = readModel(JSON.parse(readFileSync(0, 'utf8')));
const files = new Map([...csharp(model), ...typescript(model)]);
const isWrite = process.argv.includes('--write');
for (const [name, text] of files) {
  const file = join(clients, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (isWrite) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else console.log(`src/Clients/${name}`);
}

// What is not written any more: these folders hold nothing else.
for (const folder of ['CSharp/Generated', 'TypeScript/types']) {
  for (const name of existsSync(join(clients, folder)) ? readdirSync(join(clients, folder)) : []) {
    if (files.has(`${folder}/${name}`)) continue;
    if (isWrite) rmSync(join(clients, folder, name));
    else console.log(`src/Clients/${folder}/${name}`);
  }
}
