/** What a replacement stands for; the word it begins with. */
export type Category = 'host' | 'user' | 'ip' | 'mac' | 'uuid' | 'serial' | 'path' | 'arg';

/** Something to take out of a line: the group named `it`, or all that matched. */
export interface Pattern {
  readonly category: Category;
  readonly matches: RegExp;
  /** What looks alike and is something else. */
  readonly except?: (match: string, before: string) => boolean;
}

const HEX = '[0-9a-fA-F]';

/** Programs and drivers count their versions as addresses are written: `version 5.10.0.27`, `fw 1.2.3.4`. */
const isVersion = (_: string, before: string): boolean =>
  /(?:\b(?:version|ver|rev|firmware|fw|bios|release|api|v)[ :=.-]{0,3}|[\d.]|\bv)$/i.test(before);

/** Three bytes and more with a compression mark, or all eight groups; PCI addresses and times are neither. */
const isNoAddress = (match: string): boolean =>
  !(match.includes('::') || match.split(':').length === 8) || !/[0-9a-f]/i.test(match);

/** Domains that names of hosts end in; two letters are a country only behind two dots, for files end so too. */
const DOMAIN =
  '(?:com|net|org|io|edu|gov|mil|int|info|biz|dev|cloud|local|lan|internal|intranet|intra|corp|home|arpa|localdomain|example|invalid|test)';

/**
 * In the order they are asked: what holds another comes first. They stand for what kernels and their drivers print, not for
 * any text there may be.
 */
export const PATTERNS: readonly Pattern[] = [
  {
    category: 'serial',
    matches:
      /\b(?:serial ?(?:number|no\.?|#)|serial(?==)|s\/n|sn(?=[:=])|asset tag|service tag)[ :=#]{1,3}(?<it>[\w./+-]{3,64})/gi,
  },
  {
    category: 'serial',
    matches:
      /\b(?<it>(?:naa|eui|t10)\.[\w.-]{8,80}|iqn\.\d{4}-\d\d\.[\w.:-]{3,200}|nqn\.\d{4}-\d\d\.[\w.:-]{3,200}|wwn-0x[0-9a-f]{8,32})/gi,
  },
  {
    category: 'uuid',
    matches: new RegExp(`(?<![\\w-])${HEX}{8}(?:-${HEX}{4}){3}-${HEX}{12}(?![\\w-])`, 'g'),
  },
  {
    category: 'mac',
    matches: new RegExp(`(?<![\\w:-])${HEX}{2}(?:([:-])${HEX}{2})(?:\\1${HEX}{2}){4,18}(?![\\w:-])`, 'g'),
  },
  {
    category: 'ip',
    matches: new RegExp(`(?<![\\w:.])(?:${HEX}{0,4}:){2,7}(?:${HEX}{0,4}|\\d{1,3}(?:\\.\\d{1,3}){3})(?![\\w:])`, 'g'),
    except: isNoAddress,
  },
  { category: 'ip', matches: /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-]\w|\.\d)/g, except: isVersion },
  { category: 'user', matches: /(?<![\w.+-])(?<it>[\w.+-]{1,64})(?=@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})/g },
  { category: 'host', matches: /(?<=[\w.+-]@)(?<it>[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})/g },
  { category: 'host', matches: /(?<=\\\\)[\w.-]{1,120}/g },
  { category: 'host', matches: /\b(?:nfs|lockd|rpc|cifs|statd): server (?<it>[\w.-]{1,200})/gi },
  {
    category: 'host',
    matches: new RegExp(`(?<![\\w.@/-])(?:[a-z0-9-]{1,63}\\.){1,8}${DOMAIN}(?![\\w-]|\\.\\w)`, 'gi'),
  },
  { category: 'host', matches: /(?<![\w.@/-])(?:[a-z0-9-]{1,63}\.){2,8}[a-z]{2}(?![\w./-])/gi },
];

/** Homes of users: who, and what lies below. */
export const HOME: RegExp =
  /(\/(?:home|Users|export\/home|var\/home)\/)([^\s/:;,'")\]]{1,64})((?:\/[^\s:;,'")\]]{0,400})?)/g;
/** Root's own. */
export const ROOT_HOME: RegExp = /(?<![\w/])(\/root\/)([^\s:;,'")\]]{1,400})/g;
