// The document as the generators need it: operations with their parameters, bodies and answers; schemas by name.

/** The schemas that others refer to. */
let components = {};

/** What a schema is: {kind: 'ref' | 'text' | 'time' | 'whole' | 'number' | 'flag' | 'list' | 'map' | 'object' | 'json', nullable, ...}. */
export const kindOf = (schema, name) => {
  const nullable = Array.isArray(schema.type) && schema.type.includes('null') || !!schema.anyOf?.some(s => s.type === 'null');
  const type = Array.isArray(schema.type) ? schema.type.find(t => t !== 'null') : schema.type;
  if (schema.$ref) {
    const target = schema.$ref.split('/').at(-1);
    return components[target].properties ? { kind: 'ref', name: target, nullable } : kindOf(components[target], target);
  }
  if (schema.anyOf) {
    const choices = schema.anyOf.filter(s => s.type !== 'null');
    // An object, whole or with some of its fields only, is one type.
    const names = choices.map(c => c.$ref?.split('/').at(-1));
    const whole = choices.length === 1 || choices.length === 2 && names[1] === 'Selected' + names[0];
    return whole && names[0] ? { kind: 'ref', name: names[0], nullable } : { kind: 'json', nullable };
  }
  if (type === 'string') return schema.format === 'date-time' ? { kind: 'time', nullable } : { kind: 'text', values: schema.enum?.filter(v => v !== null), nullable };
  if (type === 'integer') return { kind: 'whole', long: schema.format === 'int64', nullable };
  if (type === 'number') return { kind: 'number', nullable };
  if (type === 'boolean') return { kind: 'flag', nullable };
  if (type === 'array') return { kind: 'list', items: kindOf(schema.items, name + 'Item'), nullable };
  if (type === 'object' && schema.properties) return { kind: 'object', name, schema, nullable };
  if (type === 'object' && schema.additionalProperties) return { kind: 'map', values: kindOf(schema.additionalProperties, name + 'Value'), nullable };
  return { kind: 'json', nullable };
};

export const pascal = name => name.replace(/(^|[_\-. ])([a-z0-9])/gi, (_, __, letter) => letter.toUpperCase());
export const camel = name => pascal(name).replace(/^./, letter => letter.toLowerCase());

/** The names of the schemas that a type is made of. */
export const namesIn = type => !type ? [] : type.kind === 'list' ? namesIn(type.items) : type.kind === 'map' ? namesIn(type.values) : ['ref', 'object'].includes(type.kind) ? [type.name] : [];

const isPage = schema => schema.fields.map(f => f.name).join() === 'data,next_cursor,has_more' && schema.fields[0].type.kind === 'list';
const isPaged = operation => ['limit', 'cursor'].every(name => operation.query.some(p => p.name === name));

/** One group a tag, with its operations and the schemas that are its own: those that its operations name most often, or that only its schemas are made of. */
const groupsOf = (operations, schemas) => {
  const byName = new Map(schemas.map(s => [s.name, s]));
  const uses = new Map(schemas.map(s => [s.name, new Map()]));
  const visit = (name, tag, weight) => {
    const counts = uses.get(name);
    if (!counts || (counts.get(tag) ?? 0) >= weight && weight < 1) return;
    counts.set(tag, (counts.get(tag) ?? 0) + weight);
    for (const field of byName.get(name).fields) for (const inner of namesIn(field.type)) if (inner !== name) visit(inner, tag, weight / 64);
  };
  for (const o of operations) for (const name of [...namesIn(o.result), ...namesIn(o.body?.type)]) visit(name, o.tag, 1);
  const tagOf = name => [...uses.get(name)].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
  const rest = operations[0].tag;
  return [...new Set(operations.map(o => o.tag))].map(tag => ({ tag, file: tag.toLowerCase().replace(/[^a-z0-9]+/g, '-') })).sort((a, b) => a.file < b.file ? -1 : 1).map(({ tag, file }) => ({
    name: pascal(file), file, operations: operations.filter(o => o.tag === tag), schemas: schemas.filter(s => (tagOf(s.name) ?? rest) === tag),
  }));
};

export const readModel = document => {
  components = document.components.schemas;
  const at = ref => ref.slice(2).split('/').reduce((node, part) => node[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  const whole = node => node.$ref ? at(node.$ref) : node;
  const schemas = new Map();
  const add = (name, schema) => {
    if (schemas.has(name)) return;
    const fields = Object.entries(schema.properties ?? {}).map(([field, s]) => {
      const type = kindOf(s, name + pascal(field));
      for (const t of [type, type.items].filter(t => t?.kind === 'object')) add(t.name, t.schema);
      return { name: field, type, description: s.description ?? '', required: schema.required?.includes(field) ?? false };
    });
    schemas.set(name, { name, description: schema.description ?? '', fields, isInput: schema.additionalProperties === false });
  };
  for (const [name, schema] of Object.entries(document.components.schemas)) if (schema.properties && !name.startsWith('Selected')) add(name, schema);

  const operations = Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, o]) => {
    const parameters = o.parameters.map(whole).map(p => ({ ...p, type: kindOf(p.schema, pascal(o.operationId) + pascal(p.name)) }));
    const [bodyType, content] = Object.entries(o.requestBody?.content ?? {})[0] ?? [];
    const answers = Object.entries(o.responses).filter(([status]) => status.startsWith('2'));
    const [answerType, answer] = Object.entries(whole(answers.find(([, a]) => whole(a).content)?.[1] ?? {}).content ?? {})[0] ?? [];
    const result = answer && kindOf(answer.schema, pascal(o.operationId) + 'Answer');
    const bodySchema = content && kindOf(content.schema, pascal(o.operationId) + 'Body');
    for (const t of [bodySchema, result].filter(t => t?.kind === 'object')) add(t.name, t.schema);
    const list = result?.kind === 'ref' && document.components.schemas[result.name].properties;
    return {
      id: o.operationId, tag: o.tags[0], path, method: method.toUpperCase(), summary: o.summary, scope: o['x-required-scope'], isCallable: answers.length > 0,
      path_: parameters.filter(p => p.in === 'path'), query: parameters.filter(p => p.in === 'query'),
      isWrite: parameters.some(p => p.name === 'Idempotency-Key'), takesIfMatch: parameters.some(p => p.name === 'If-Match'),
      body: content && { mediaType: bodyType === '*/*' ? 'application/octet-stream' : bodyType, isJson: bodyType.endsWith('json'), isPatch: bodyType.includes('merge-patch'), required: o.requestBody.required, type: bodySchema },
      answerType, result, isStream: answerType === 'text/event-stream',
      item: list?.next_cursor && list.data && parameters.some(p => p.name === 'cursor') ? kindOf(list.data.items, 'Item') : undefined,
    };
  })).filter(o => o.isCallable);
  for (const s of schemas.values()) s.pageOf = isPage(s) ? s.fields[0].type.items : undefined;
  for (const o of operations) o.isPaged = isPaged(o);
  return {
    groups: groupsOf(operations, [...schemas.values()].sort((a, b) => a.name < b.name ? -1 : 1)),
    page: [...schemas.values()].find(s => s.pageOf), paging: operations.find(o => o.isPaged).query.filter(p => ['limit', 'cursor'].includes(p.name)),
  };
};
