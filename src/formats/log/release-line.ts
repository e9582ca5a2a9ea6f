/** `CPU: 0 PID: 17681 Comm: kworker/0:0 Not tainted 5.4.0-120-generic #136-Ubuntu`, `Tainted: G W 6.8.0 #1`. */
const COMM = /\b[Cc]omm: (\S.{0,63}?) (?:Not tainted|Tainted: )/;
const RELEASE = /\b[Cc]omm: .{1,200} (\d{1,2}\.\d{1,3}[\w.+~-]{0,100}) #\d/;
/** Since 6.17 a warning names processor and task itself: `CPU#0: modprobe/1577`. */
const AT_CPU = /\bCPU#\d+: (\S.{0,63}?)\/\d+\s*$/;

/** The kernel's release, where the line is a dump's header (dump_stack_print_info()). */
export const releaseOf = (text: string): string | undefined => RELEASE.exec(text)?.[1];

/** The task that ran, where the line is a dump's or a warning's header. */
export const taskOf = (text: string): string | undefined => (COMM.exec(text) ?? AT_CPU.exec(text))?.[1];
