import type { ShellBacktrace, ShellFrame } from '../../../findings/core/shell-tasks.ts';
import { escapeTerminal } from '../../escape.ts';
import { renderTaskName } from './tasks-text.ts';

export function renderBacktrace({ task, how, frames, problem }: ShellBacktrace): readonly string[] {
  const why = problem === undefined ? '' : `: ${escapeTerminal(problem)}`;
  return [renderTaskName(task), ...frames.flatMap(renderFrame), `(unwound by ${how}${why})\n`];
}

function renderFrame(frame: ShellFrame, i: number): readonly string[] {
  const { stack, address, symbol, module, guess, words = [], registers, interrupted } = frame;
  const inModule = module === undefined ? '' : ` [${escapeTerminal(module)}]`;
  const name = `${guess ? '? ' : ''}${escapeTerminal(symbol)}`;
  return [
    `${`#${i}`.padStart(3)} [${stack}] ${name} at ${address}${inModule}\n`,
    ...(interrupted === undefined ? [] : [`    [exception RIP: ${escapeTerminal(interrupted)}]\n`]),
    ...(registers ? renderRegisters(new Map(registers)) : []),
    ...words.map((row) => `    ${row.address}: ${row.values.join(' ')}\n`),
  ];
}

/** Registers of x86-64 as crash arranges them: the name that is shown, the kernel's, and its hex digits. */
const X86: readonly (readonly (readonly [string, string, number])[])[] = [
  [
    ['RIP', 'ip', 16],
    ['RSP', 'sp', 16],
    ['RFLAGS', 'flags', 8],
  ],
  [
    ['RAX', 'ax', 16],
    ['RBX', 'bx', 16],
    ['RCX', 'cx', 16],
  ],
  [
    ['RDX', 'dx', 16],
    ['RSI', 'si', 16],
    ['RDI', 'di', 16],
  ],
  [
    ['RBP', 'bp', 16],
    [' R8', 'r8', 16],
    [' R9', 'r9', 16],
  ],
  [
    ['R10', 'r10', 16],
    ['R11', 'r11', 16],
    ['R12', 'r12', 16],
  ],
  [
    ['R13', 'r13', 16],
    ['R14', 'r14', 16],
    ['R15', 'r15', 16],
  ],
  [
    ['ORIG_RAX', 'orig_ax', 16],
    ['CS', 'cs', 4],
    ['SS', 'ss', 4],
  ],
];

const ARM_COLUMNS = 3;

function renderRegisters(registers: ReadonlyMap<string, string>): readonly string[] {
  if (registers.has('pc')) return renderArm(registers);
  return X86.flatMap((row) => {
    const cells = row.flatMap(([name, key, digits]) => {
      const value = registers.get(key);
      return value === undefined ? [] : [`${name}: ${value.slice(-digits)}`];
    });
    return cells.length > 0 ? [`    ${cells.join('  ')}\n`] : [];
  });
}

function renderArm(registers: ReadonlyMap<string, string>): readonly string[] {
  const cells = [...registers].flatMap(([name, value]) => {
    const number = /^regs\[(\d+)\]$/.exec(name)?.[1];
    if (name === 'ip') return [];
    return [`${(number === undefined ? name.toUpperCase() : `X${number}`).padStart(6)}: ${value}`];
  });
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += ARM_COLUMNS) lines.push(`  ${cells.slice(i, i + ARM_COLUMNS).join('  ')}\n`);
  return lines;
}
