import type { Parsed } from '../../base/errors.ts';
import type { Bytes } from '../../base/units.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import { readSize } from './size.ts';

/** Memory by container, pod or node as its manager sees it: working sets, which count page cache that is active. */
export interface ContainerUse {
  readonly rows: readonly { readonly name: string; readonly bytes: Bytes }[];
}

const KUBECTL = /^\s*(?:NAMESPACE\s+)?(?:POD\s+)?NAME\s+CPU\(cores\)\s+(?:CPU%\s+)?MEMORY\(bytes\)(?:\s+MEMORY%)?\s*$/;
const KUBECTL_ROW = /^\s*(\S+)(?:\s+\S+){0,2}\s+\d+m?\s+(?:\d+%\s+)?(\d+(?:[KMGT]i)?)(?:\s+\d+%)?\s*$/;
const DOCKER = /^\s*CONTAINER(?: ID\s+NAME)?\s+CPU %\s+MEM USAGE \/ LIMIT\s/;
const DOCKER_ROW = /^\s*[0-9a-f]{8,64}\s+(?:(\S+)\s+)?[\d.]+%\s+([\d.]+[KMGT]?i?B)\s+\/\s/;

/** `kubectl top nodes` and `kubectl top pods`. Recognised so that it is not passed over; its sums are not the kernel's. */
export const kubectlTop: TextFormat<'kubectl-top', ContainerUse> = {
  kind: 'kubectl-top',
  looksFor: 'the header of kubectl top: "NAME  CPU(cores)  CPU%  MEMORY(bytes)  MEMORY%"',
  many: true,
  claim: (lines, at) =>
    KUBECTL.test(lines[at]?.text ?? '') ? 1 + runOf(lines, at + 1, (t) => KUBECTL_ROW.test(t)) : 0,
  parse: (lines): Parsed<ContainerUse> => readRows(lines.slice(1), KUBECTL_ROW),
};

/** `docker stats --no-stream`, podman alike. */
export const dockerStats: TextFormat<'docker-stats', ContainerUse> = {
  kind: 'docker-stats',
  looksFor: 'the header of docker stats: "CONTAINER ID  NAME  CPU %  MEM USAGE / LIMIT"',
  many: true,
  claim: (lines, at) => (DOCKER.test(lines[at]?.text ?? '') ? 1 + runOf(lines, at + 1, (t) => DOCKER_ROW.test(t)) : 0),
  parse: (lines): Parsed<ContainerUse> => readRows(lines.slice(1), DOCKER_ROW),
};

function readRows(lines: readonly { readonly text: string }[], row: RegExp): Parsed<ContainerUse> {
  const rows = lines.flatMap(({ text }) => {
    const [, name = '', size] = row.exec(text) ?? [];
    const bytes = readSize(size);
    return bytes === undefined ? [] : [{ name, bytes }];
  });
  return { value: { rows }, problems: [] };
}
