import * as v from 'valibot';
import type { PushedEvent, PushedSample } from '../pipeline/serve/ledger.ts';

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(253));
const amount = v.pipe(v.number(), v.finite());
const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));

const schema = v.object({
  schema: v.literal('kleak.push/1'),
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(253), v.regex(/^[\w.:-]+$/u, 'letters, digits, dots, dashes')),
  attributes: v.optional(v.record(name, v.pipe(v.string(), v.maxLength(500))), {}),
  samples: v.pipe(
    v.array(
      v.object({
        at: time,
        boot: v.pipe(v.string(), v.maxLength(100)),
        totalBytes: v.pipe(amount, v.minValue(1)),
        unexplained: v.optional(amount),
        buckets: v.record(name, amount),
        caches: v.pipe(v.array(v.object({ name, bytes: amount })), v.maxLength(1000)),
      }),
    ),
    v.maxLength(1000),
  ),
  events: v.optional(
    v.pipe(
      v.array(v.object({ at: time, kind: name, name, detail: v.optional(v.pipe(v.string(), v.maxLength(1000))) })),
      v.maxLength(1000),
    ),
    [],
  ),
});
/** What a host sends: `kleak record --push URL`. Bytes; times are milliseconds since 1970. */
export interface Push {
  readonly host: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly samples: readonly PushedSample[];
  readonly events: readonly PushedEvent[];
}

/** The push, or the first thing that is wrong with it, in a line. */
export function readPush(text: string): Push | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'no JSON, or cut';
  }
  return checkPush(json);
}

/** What was read from an exporter is held to the same. */
export function checkPush(json: unknown): Push | string {
  const result = v.safeParse(schema, json);
  if (result.success) return withoutUndefined(result.output);
  const [issue] = result.issues;
  return `${v.getDotPath(issue) ?? 'document'}: ${issue.message}`;
}

/** JSON has no undefined: what is not there is absent in the types too. */
function withoutUndefined(push: v.InferOutput<typeof schema>): Push {
  return {
    ...push,
    samples: push.samples.map(({ unexplained, ...sample }) => ({
      ...sample,
      ...(unexplained === undefined ? {} : { unexplained }),
    })),
    events: push.events.map(({ detail, ...event }) => ({ ...event, ...(detail === undefined ? {} : { detail }) })),
  };
}
