// The TypeScript client: an ES module and its types.
import { pascal, camel, namesIn } from './model.mjs';

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

const model = s => s.pageOf ? `${doc(s.description, '')}export type ${s.name} = Page<${typeOf(s.pageOf)}>;\n`
  : `${doc(s.description, '')}export interface ${s.name} {\n${s.fields.map(f => field(f.name, f.type, f.required, f.description)).join('')}}\n`;
const query = o => {
  const own = o.query.filter(p => !o.isPaged || !['limit', 'cursor'].includes(p.name));
  return `export interface ${pascal(o.id)}Query${o.isPaged ? ' extends PageQuery' : ''} {${own.length ? '\n' : ''}${own.map(p => field(p.name, p.type, p.required, p.description)).join('')}}\n`;
};

const pages = ({ page, paging }) => `${doc(page.description, '')}export interface Page<T> {\n${page.fields.map((f, i) =>
  i ? field(f.name, f.type, f.required, f.description) : `${doc(f.description, '  ')}  ${f.name}: Array<T>;\n`).join('')}}\n\n`
  + `/** Which page of a list. */\nexport interface PageQuery {\n${paging.map(p => field(p.name, p.type, p.required, p.description)).join('')}}\n`;

/** What a group's types take from other files. */
const imports = (group, groups) => {
  const named = new Set([
    ...group.schemas.flatMap(s => s.fields.flatMap(f => namesIn(f.type))), ...group.operations.flatMap(o => [o.result, o.body?.type, o.item, ...o.query.map(p => p.type)].flatMap(namesIn)),
  ]);
  const lines = groups.filter(g => g !== group).map(g => [g, g.schemas.map(s => s.name).filter(n => named.has(n))]).filter(([, names]) => names.length)
    .map(([g, names]) => `import type { ${names.join(', ')} } from './${g.file}.mjs';\n`);
  const shared = [...(group.schemas.some(s => s.pageOf) ? ['Page'] : []), ...(group.operations.some(o => o.isPaged) ? ['PageQuery'] : [])];
  const options = [...(group.operations.some(o => !o.isStream) ? ['CallOptions'] : []), ...(group.operations.some(o => o.isStream) ? ['StreamEvent', 'StreamOptions'] : [])];
  return (shared.length ? `import type { ${shared.join(', ')} } from './pages.mjs';\n` : '') + lines.join('') + `import type { ${options.join(', ')} } from '../transport.mjs';\n\n`;
};

export const typescript = ({ groups, ...shared }) => {
  const about = '/** The API, an operation a method. Writes carry an Idempotency-Key of their own where none is given, and are safe to repeat; failures are a PlatformError. */\n';
  const code_ = groups.flatMap(g => g.operations).map(code).join('\n');
  return [
    ['TypeScript/client.mjs', `${head}import { Transport, part } from './transport.mjs';\n\nexport { PlatformError } from './transport.mjs';\n\nexport class PlatformClient extends Transport {\n${code_}}\n`],
    ['TypeScript/client.d.mts', `${head}import { Transport } from './transport.mjs';\n${groups.map(g => `import type { ${g.name}Api } from './types/${g.file}.mjs';\n`).join('')}\n`
      + `export { CallOptions, ClientOptions, PlatformError, StreamEvent, StreamOptions } from './transport.mjs';\nexport type * from './types/pages.mjs';\n${groups.map(g => `export type * from './types/${g.file}.mjs';\n`).join('')}\n`
      + `${about}export declare class PlatformClient extends Transport {}\n\nexport interface PlatformClient extends ${groups.map(g => g.name + 'Api').join(', ')} {}\n`],
    ['TypeScript/types/pages.d.mts', head + '\n' + pages(shared)],
    ...groups.map(g => [`TypeScript/types/${g.file}.d.mts`, head + imports(g, groups)
      + [...g.schemas.map(model), ...g.operations.filter(o => o.query.length).map(query), `export interface ${g.name}Api {\n${g.operations.map(types).join('\n')}}\n`].join('\n')]),
  ];
};
