// The TypeScript client: an ES module and its types.
import { pascal, camel } from './model.mjs';

const head = '// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.\n';
const doc = (text, indent) => `${indent}/** ${text.replace(/\s+/g, ' ').replaceAll('*/', '* /')} */\n`;
const typeOf = type => ({
  ref: () => type.name, object: () => type.name, text: () => type.values ? type.values.map(v => JSON.stringify(v)).join(' | ') : 'string', time: () => 'string', whole: () => 'number',
  number: () => 'number', flag: () => 'boolean', list: () => `Array<${typeOf(type.items)}>`, map: () => `Record<string, ${typeOf(type.values)}>`, json: () => 'any',
})[type.kind]() + (type.nullable && type.kind !== 'json' ? ' | null' : '');
const field = (name, type, required, description, indent = '  ') => `${doc(description, indent)}${indent}${name}${required ? '' : '?'}: ${typeOf(type)};\n`;

const resultOf = o => !o.answerType ? 'void' : o.answerType.endsWith('json') ? typeOf(o.result) : o.answerType.startsWith('text/') ? 'string' : 'Blob';
const needed = o => o.query.some(p => p.required);
const takesOf = o => [
  ...o.path_.map(p => [camel(p.name), 'string', true]),
  ...(o.body && o.body.required ? [['body', o.body.isJson ? typeOf(o.body.type) : 'BodyInit', true]] : []),
  ...(needed(o) ? [['query', pascal(o.id) + 'Query', true]] : []),
  ...(o.body && !o.body.required ? [['body', typeOf(o.body.type), false]] : []),
  ...(o.query.length && !needed(o) ? [['query', pascal(o.id) + 'Query', false]] : []),
  ['options', o.isStream ? 'StreamOptions' : 'CallOptions', false],
];

const types = o => {
  const takes = takesOf(o).map(([name, type, required]) => `${name}${required ? '' : '?'}: ${type}`).join(', ');
  const about = doc(`${o.summary}${o.scope ? ` (scope ${o.scope})` : ''}: ${o.method} ${o.path}`, '  ');
  if (o.isStream) return `${about}  ${o.id}(${takes}): AsyncGenerator<StreamEvent, void, undefined>;\n`;
  return `${about}  ${o.id}(${takes}): Promise<${resultOf(o)}>;\n` + (o.item ? `${doc(`All of ${o.id}, page by page as they are asked for.`, '  ')}  ${o.id}All(${takes}): AsyncGenerator<${typeOf(o.item)}, void, undefined>;\n` : '');
};

const code = o => {
  const names = takesOf(o).map(([name]) => name);
  const path = '`' + o.path.replace(/\{(\w+)\}/g, (_, p) => '${part(' + camel(p) + ')}') + '`';
  const about = [
    ...(o.query.length ? ['query'] : []), ...(o.body ? ['body', `contentType: '${o.body.mediaType}'`] : []), ...(o.isWrite ? ['isWrite: true'] : []),
    ...(o.query.some(p => p.style && !p.explode) ? [`joined: [${o.query.filter(p => p.style && !p.explode).map(p => `'${p.name}'`).join(', ')}]`] : []),
    ...(o.answerType && !o.answerType.endsWith('json') ? [`answer: '${o.answerType.startsWith('text/') ? 'text' : 'bytes'}'`] : []),
  ];
  if (o.isStream) return `  ${o.id}(${names.join(', ')}) { return this.follow(${path}, ${o.query.length ? 'query' : 'undefined'}, options); }\n`;
  const call = `  ${o.id}(${names.join(', ')}) { return this.send('${o.method}', ${path}, { ${about.join(', ')} }, options); }\n`;
  const given = names.map(n => n === 'query' ? '{ ...query, cursor }' : n).join(', ');
  return call + (o.item ? `  ${o.id}All(${names.join(', ')}) { return this.all(cursor => this.${o.id}(${given}), query?.cursor); }\n` : '');
};

export const typescript = ({ operations, schemas }) => [
  ['TypeScript/client.mjs', `${head}import { Transport, part } from './transport.mjs';\n\nexport { PlatformError } from './transport.mjs';\n\nexport class PlatformClient extends Transport {\n${operations.map(code).join('\n')}}\n`],
  ['TypeScript/client.d.mts', `${head}import { CallOptions, StreamEvent, StreamOptions, Transport } from './transport.mjs';\n\nexport { CallOptions, ClientOptions, PlatformError, StreamEvent, StreamOptions } from './transport.mjs';\n\n`
    + schemas.map(s => `${doc(s.description, '')}export interface ${s.name} {\n${s.fields.map(f => field(f.name, f.type, f.required, f.description)).join('')}}\n`).join('\n') + '\n'
    + operations.filter(o => o.query.length).map(o => `export interface ${pascal(o.id)}Query {\n${o.query.map(p => field(p.name, p.type, p.required, p.description)).join('')}}\n`).join('\n')
    + `\n/** The API, an operation a method. Writes carry an Idempotency-Key of their own where none is given, and are safe to repeat; failures are a PlatformError. */\nexport declare class PlatformClient extends Transport {\n${operations.map(types).join('\n')}}\n`],
];
