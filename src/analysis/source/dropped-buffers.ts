import type { CDefinition, CUnit, FunctionOutline } from '../../model/source/c-unit.ts';
import type { DroppedBufferDefect } from '../../model/source/defect.ts';
import { giverOf, takerOf } from './api/catalog.ts';
import { consumes } from './api/effects.ts';
import { ignoredAt, stepAt } from './places.ts';
import { simulate } from './simulate.ts';
import { extend, freshState, type Outcome } from './state.ts';
import { stepsOf } from './steps.ts';
import type { UnitEffects } from './unit-effects.ts';

/**
 * Functions that own the network buffer they are given: transmit functions, unless they refuse it with NETDEV_TX_BUSY, and
 * packet handlers on every way out.
 */
export function measureDroppedBuffers(
  unit: CUnit,
  effects: UnitEffects,
  roleOf: (definition: CDefinition) => string | undefined,
): readonly DroppedBufferDefect[] {
  return unit.files.flatMap((file) =>
    file.outline.functions.flatMap((outline) => {
      const definition = { file, outline };
      const index = outline.parameters.findIndex(({ type }) => /sk_buff(?!_)/.test(type));
      if (index < 0) return [];
      const isFirst = index === 0;
      if (isFirst && isHandler(outline)) return examine(unit, effects, definition, 'receive', 0, false);
      if (isFirst && roleOf(definition) === 'xmit') return examine(unit, effects, definition, 'transmit', 0, false);
      if (roleOf(definition) === 'send') return examine(unit, effects, definition, 'transmit', index, true);
      // Nobody can ask a function that returns nothing what became of the buffer.
      return /^(?:static |inline )*void\s*$/.test(outline.returns)
        ? examine(unit, effects, definition, 'receive', index, true)
        : [];
    }),
  );
}

/** What packet_type::func looks like. */
const isHandler = ({ parameters }: FunctionOutline): boolean =>
  parameters.length === 4 &&
  /packet_type/.test(parameters[2]?.type ?? '') &&
  /net_device/.test(parameters[3]?.type ?? '');

function examine(
  unit: CUnit,
  effects: UnitEffects,
  definition: CDefinition,
  role: DroppedBufferDefect['role'],
  index: number,
  isPlain: boolean,
): readonly DroppedBufferDefect[] {
  const { file, outline } = definition;
  const variables = effects.variablesOf(definition);
  const family = takerOf('alloc_skb')?.family;
  const buffer = outline.parameters[index]?.name ?? '';
  if (!variables || !family || buffer === '') return [];
  const start = {
    ...freshState(variables.graph.entry, [buffer], new Map([[buffer, 'positive']] as const)),
    trail: extend(
      undefined,
      outline.start,
      `${buffer} is this function's to ${role === 'receive' ? 'pass on' : 'send'} or to free`,
    ),
  };
  const { outcomes } = simulate(
    { variables, family, call: undefined, form: 'parameter', effects: effects.from(definition), returnsPointer: false },
    [start],
  );
  const dropped = outcomes.find((outcome) => isForgotten(outcome) && (role === 'receive' || isSent(outcome.value)));
  // A function that never does anything with its buffer does not own it.
  if (!dropped || outcomes.every(isForgotten)) return [];
  if (isPlain && !isEnded(outcomes)) return [];
  const ignored = ignoredAt(file, dropped.at);
  return [
    {
      kind: 'dropped-buffer',
      buffer,
      role,
      ...(isPlain ? { inferred: true } : {}),
      file: file.name,
      line: unit.line(file, dropped.at),
      function: outline.name,
      steps: stepsOf(dropped.state.trail, (at, what) => stepAt(unit, file, at, what)),
      ...(ignored === undefined ? {} : { ignored }),
    },
  ];
}

/** Each other path ends the buffer for sure, by freeing it or handing it on. */
const isEnded = (outcomes: readonly Outcome[]): boolean =>
  outcomes.some(
    ({ kind, by }) =>
      by !== undefined && ((kind === 'released' && giverOf(by) !== undefined) || (kind === 'kept' && consumes(by))),
  ) && outcomes.every((outcome) => outcome.kind === 'released' || outcome.kind === 'kept' || isForgotten(outcome));

const isForgotten = ({ kind, how, state }: Outcome): boolean =>
  kind === 'lost' && how === 'exit' && state.doubts.length === 0 && state.assumed === 0;

/** NETDEV_TX_OK is 0: the buffer is not the caller's any more. */
const isSent = (value: Outcome['value']): boolean => value === 'zero' || value === '=NETDEV_TX_OK';
