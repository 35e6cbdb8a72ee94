// Holds an OpenAPI document against itself and against what was really said. The first line of standard input is the document, each further line an exchange:
// {method, path, requestType, request, status, headers, body}. Prints a line for each fault: an example or an answer that its schema does not allow, an accepted
// request that its schema does not allow, an undocumented field, status, media type, header or query parameter. With exchanges, also operations that never succeeded.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const [first, ...lines] = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const open = JSON.parse(first);
const closed = JSON.parse(first, (_, v) => (v?.type === 'object' || v?.type?.includes?.('object')) && v.properties && v.additionalProperties === undefined ? { ...v, additionalProperties: false } : v);
const faults = new Set();
const infrastructure = new Set(['date', 'content-length', 'content-type', 'transfer-encoding', 'cache-control', 'content-security-policy', 'x-content-type-options', 'referrer-policy', 'connection', 'keep-alive', 'upgrade']);

const validator = document => {
  const ajv = addFormats.default(new Ajv.default({ strict: false, allErrors: true }));
  ajv.addSchema(document, 'doc:');
  const known = new Map();
  return (pointer, value, where) => {
    if (!known.has(pointer)) known.set(pointer, ajv.compile({ $ref: 'doc:#' + pointer.split('/').map(encodeURIComponent).join('/') }));
    const check = known.get(pointer);
    if (!check(value)) faults.add(`${where}: ${check.errors.slice(0, 6).map(e => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join('; ')}`);
  };
};
const loose = validator(open);
const strict = validator(closed);

const escape = s => s.replaceAll('~', '~0').replaceAll('/', '~1');
const at = pointer => pointer.split('/').slice(1).reduce((node, part) => node?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], open);
const follow = pointer => at(pointer)?.$ref ? at(pointer).$ref.slice(1) : pointer;

// Every example: of schemas, bodies, answers, parameters and headers.
const walk = (node, pointer) => {
  if (node === null || typeof node !== 'object') return;
  if (!Array.isArray(node)) {
    const isSchema = Array.isArray(node.examples);
    if (isSchema) node.examples.forEach(e => strict(pointer, e, `example of ${pointer}`));
    if (node.schema) {
      if (node.example !== undefined) strict(pointer + '/schema', node.example, `example of ${pointer}`);
      if (node.examples) for (const [name, e] of Object.entries(node.examples)) strict(pointer + '/schema', e.value, `example ${name} of ${pointer}`);
    }
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'example' && key !== 'examples') walk(value, `${pointer}/${escape(key)}`);
};
walk(open, '');

const operations = Object.entries(open.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({
  path, method, operation, pointer: `/paths/${escape(path)}/${method}`, succeeded: 0,
  pattern: new RegExp('^' + path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/:]+') + '$'),
})));

for (const line of lines) {
  const said = JSON.parse(line);
  const [path, query] = said.path.split('?');
  // A path without parameters comes before one with.
  const fitting = operations.filter(o => o.method === said.method.toLowerCase() && o.pattern.test(path));
  const found = fitting.some(o => o.path === path) ? fitting.filter(o => o.path === path) : fitting;
  if (found.length !== 1) { faults.add(`${said.method} ${path} is ${found.length} operations`); continue; }
  const { operation, pointer } = found[0];
  const where = `${operation.operationId} ${said.status}`;
  const succeeded = said.status < 400;
  if (said.status < 300) found[0].succeeded++;

  const parameters = operation.parameters.map((p, i) => at(follow(`${pointer}/parameters/${i}`)));
  for (const name of new URLSearchParams(query).keys())
    if (succeeded && !parameters.some(p => p.in === 'query' && p.name === name)) faults.add(`${where}: the query parameter ${name} is not documented`);
  if (succeeded && said.request) {
    const given = said.requestType.split(';')[0];
    const type = operation.requestBody?.content['*/*'] ? '*/*' : given;
    if (!operation.requestBody?.content[type]) faults.add(`${where}: a body of ${type} was accepted`);
    else if (type.endsWith('json')) loose(`${pointer}/requestBody/content/${escape(type)}/schema`, JSON.parse(said.request), `${where}: an accepted request`);
  }

  if (!operation.responses[said.status]) { faults.add(`${where}: the status is not documented`); continue; }
  const answer = follow(`${pointer}/responses/${said.status}`);
  const documented = at(answer);
  // Those that an operation describes itself may be missing.
  const names = Object.entries(documented.headers ?? {}).filter(([, h]) => h.$ref).map(([h]) => h.toLowerCase());
  for (const [name, value] of Object.entries(said.headers)) {
    if (infrastructure.has(name)) continue;
    const header = Object.keys(documented.headers ?? {}).find(h => h.toLowerCase() === name);
    if (!header) { faults.add(`${where}: the header ${name} is not documented`); continue; }
    const at_ = follow(`${answer}/headers/${escape(header)}`);
    const whole = at(at_).schema.type === 'integer';
    strict(at_ + '/schema', whole ? Number(value) : value, `${where}: the header ${name}`);
  }
  for (const always of ['x-request-id', 'ratelimit', 'retry-after', 'www-authenticate', 'etag'])
    if (names.includes(always) && !(always in said.headers) && !(always === 'retry-after' && said.status === 409)) faults.add(`${where}: the header ${always} is documented and was not sent`);

  const given = said.headers['content-type']?.split(';')[0];
  const type = documented.content?.['*/*'] ? '*/*' : given;
  if (!said.body) { if (documented.content && said.status !== 304) faults.add(`${where}: a body is documented and there was none`); continue; }
  if (!documented.content?.[type]) { faults.add(`${where}: a body of ${type} is not documented`); continue; }
  strict(`${answer}/content/${escape(type)}/schema`, type.endsWith('json') ? JSON.parse(said.body) : said.body, where);
}

if (lines.length > 0) for (const o of operations) if (!o.succeeded && Object.keys(o.operation.responses).some(s => s.startsWith('2'))) faults.add(`${o.operation.operationId} was never seen to succeed`);
for (const fault of faults) console.log(fault.replaceAll('\n', ' '));
