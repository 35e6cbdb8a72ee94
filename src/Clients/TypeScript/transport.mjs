// How a request gets through: keys, retries, problems, pages, streams. Nothing here is about one operation.

/** One part of a path. */
export const part = value => encodeURIComponent(value);

/** A failure as the API says it: match on `code`. */
export class PlatformError extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `The answer was ${status}.`);
    this.name = 'PlatformError';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.title = problem.title;
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id;
    this.retryAfter = retryAfter;
  }
}

const transient = new Set([429, 502, 503, 504]);

export class Transport {
  #base; #key; #attempts; #fetch; #pause;

  constructor({ url, key, maxAttempts = 5, fetch = globalThis.fetch, pause = (ms, signal) => new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', () => { clearTimeout(timer); fail(signal.reason); }, { once: true });
  }) }) {
    this.#base = url.replace(/\/+$/, '');
    this.#key = key;
    this.#attempts = maxAttempts;
    this.#fetch = fetch;
    this.#pause = pause;
  }

  /** One operation, however many requests it takes: they all carry the same Idempotency-Key, so that it happens once. */
  async send(method, path, { query, joined = [], body, contentType, isWrite = false, answer = 'json' } = {}, { idempotencyKey, ifMatch, requestId, headers, signal, answered } = {}) {
    const isJson = contentType?.endsWith('json');
    const all = {
      ...this.#credentials(), ...headers,
      ...(isWrite && { 'Idempotency-Key': idempotencyKey ?? crypto.randomUUID() }),
      ...(ifMatch && { 'If-Match': ifMatch }),
      ...(requestId && { 'X-Request-Id': requestId }),
      ...(body !== undefined && { 'Content-Type': headers?.['Content-Type'] ?? contentType }),
    };
    const url = this.#base + path + this.#query(query, joined);
    const content = body === undefined ? undefined : isJson ? JSON.stringify(body) : body;

    // What can be sent only once is sent once.
    const repeats = (method === 'GET' || isWrite) && !(content instanceof ReadableStream);
    for (let attempt = 1; ; attempt++) {
      const last = !repeats || attempt >= this.#attempts;
      let response;
      try {
        response = await this.#fetch(url, { method, headers: all, body: content, signal });
      } catch (failure) {
        if (last || signal?.aborted) throw failure;
        await this.#pause(this.#backoff(attempt), signal);
        continue;
      }

      if (response.ok) {
        answered?.(response);
        return response.status === 204 || !answer ? undefined : answer === 'text' ? response.text() : answer === 'bytes' ? response.blob() : response.json();
      }

      const failure = await this.#failure(response);
      const again = transient.has(failure.status) || failure.code === 'idempotency_in_progress';
      if (last || !again) throw failure;
      await this.#pause(failure.retryAfter !== undefined ? failure.retryAfter * 1000 : this.#backoff(attempt), signal);
    }
  }

  /** Every object of a list. */
  async *all(page, cursor) {
    do {
      const { data, next_cursor } = await page(cursor);
      yield* data;
      cursor = next_cursor ?? undefined;
    } while (cursor);
  }

  /** Server-sent events, connected again after the last one that was seen whenever the connection ends. Ends with the signal, or with a PlatformError that waiting does not mend. */
  async *follow(path, query, { lastEventId, signal, headers } = {}) {
    for (let failures = 0; !signal?.aborted;) {
      try {
        const response = await this.#fetch(this.#base + path + this.#query(query, []), {
          headers: { ...this.#credentials(), ...headers, Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) }, signal,
        });
        if (!response.ok) throw await this.#failure(response);
        failures = 0;
        for await (const event of read(response.body)) {
          if (event.id !== undefined) lastEventId = event.id;
          yield event;
        }
      } catch (failure) {
        if (signal?.aborted) return;
        if (failure instanceof PlatformError && !transient.has(failure.status)) throw failure;
        if (failure.retryAfter !== undefined) { await this.#pause(failure.retryAfter * 1000, signal).catch(() => {}); continue; }
      }

      await this.#pause(this.#backoff(++failures), signal).catch(() => {});
    }
  }

  #credentials() { return this.#key ? { Authorization: `Bearer ${this.#key}` } : {}; }

  #query(query, joined) {
    const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null)
      .flatMap(([name, value]) => Array.isArray(value) ? joined.includes(name) ? [[name, value.join(',')]] : value.map(v => [name, v]) : [[name, value]]);
    return pairs.length ? '?' + new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])) : '';
  }

  #backoff(attempt) { return Math.min(100 * 2 ** attempt, 10_000) * (0.5 + Math.random() / 2); }

  async #failure(response) {
    const problem = await response.json().catch(() => ({}));
    const after = Number(response.headers.get('Retry-After') ?? NaN);
    return new PlatformError(response.status, problem, Number.isNaN(after) ? undefined : after);
  }
}

/** The events of a stream, as the HTML standard reads them: comments are left out, data lines are joined. */
async function* read(body) {
  let rest = '', event = {}, data = [];
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (data.length) yield { ...event, data: data.join('\n') };
        event = {}; data = [];
        continue;
      }
      const [, name, value] = /^([^:]*)(?::[ ]?(.*))?$/s.exec(line);
      if (name === 'data') data.push(value ?? '');
      else if (name === 'id') event.id = value ?? '';
      else if (name === 'event') event.type = value;
    }
  }
}
