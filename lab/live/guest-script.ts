import type { Scenario } from './scenarios.ts';

/** Seconds of guest time. */
export interface Times {
  /** From the first to the last snapshot. */
  readonly watched: number;
  readonly traced: number;
  /** Between samples of the recording. */
  readonly interval: number;
}

/** Marks a command's end on the console: name, exit status, seconds it took. */
export const MARK = '@live';

/**
 * What the guest runs: kleak beside a load, all its answers as files on the second disk. Commands are written one to a line so
 * that the console log tells how far it came.
 */
export function guestScript(scenario: Scenario, kmemleak: boolean, times: Times): string {
  const { caches, prepare, load } = scenario;
  return `
mkdir -p /kleak /out
mount -t ext4 -o ro /dev/vda /kleak && mount -t ext4 /dev/vdb /out || echo '${MARK} disks 1 0'
ln -s /kleak/lib /lib; ln -s /kleak/lib64 /lib64; ln -s /kleak/bin/node /bin/node
mount -t tracefs t /sys/kernel/tracing
now() { cut -d. -f1 /proc/uptime; }
kleak() { node --no-warnings /kleak/kleak/dist/src/cli/main.js "$@"; }
ask() { # ask NAME ARGUMENT…: the answer is /out/NAME.json, what it says beside it NAME.txt
  name=$1; shift; start=$(now)
  kleak "$@" > /out/$name.json 2> /out/$name.txt
  echo "${MARK} $name $? $(( $(now) - start ))"
}
${prepare}
ask snapshot-start snapshot -o /out/start.tar.gz --json
# Not through the function: its shell would get the signal that the recorder is to get.
node --no-warnings /kleak/kleak/dist/src/cli/main.js record --db /out/samples.db --interval ${times.interval}s > /out/record.txt 2>&1 &
recorder=$!
(while :; do ${load}
sleep 1; done) > /dev/null 2>&1 &
loader=$!
began=$(now)
sleep 5
${caches.length > 0 ? traceLine(caches, times.traced) : ':'}
left=$(( ${times.watched} - $(now) + began )); [ $left -gt 0 ] && sleep $left
${kmemleak ? 'ask kmemleak kmemleak scan --json' : ':'}
${kmemleak ? 'ask page-owner page-owner report --for 120s --json' : ':'}
ask snapshot-end snapshot -o /out/end.tar.gz --json
kill $recorder; wait $recorder; echo "${MARK} record $? 0"
kill $loader
ask trend trend /out/samples.db --json
ask diagnose diagnose /out/start.tar.gz /out/end.tar.gz --json
ask status kmemleak status --json
ls /sys/kernel/tracing/instances > /out/instances.txt
sync; umount /out
`;
}

const traceLine = (caches: readonly string[], seconds: number): string =>
  `for c in ${caches.join(' ')}; do grep -q "^$c " /proc/slabinfo && break; done; ask trace trace $c --for ${seconds}s --stacks --json`;
