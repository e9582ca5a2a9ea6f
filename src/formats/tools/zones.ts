/** Minutes east of UTC for the zone names that date(1) prints on most hosts. Where a name means several, the one met most. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  MET: 60,
  CEST: 120,
  MEST: 120,
  EET: 120,
  SAST: 120,
  EEST: 180,
  MSK: 180,
  TRT: 180,
  IST: 330,
  PKT: 300,
  HKT: 480,
  SGT: 480,
  AWST: 480,
  JST: 540,
  KST: 540,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  BRT: -180,
  ART: -180,
  EST: -300,
  EDT: -240,
  CDT: -300,
  CST: -360,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  HST: -600,
};

/** Seconds to add to local time's epoch to get UTC's: 0 for an unknown name, so that differences within a file stay right. */
export function zoneOffsetSeconds(zone: string | undefined): number {
  const numeric = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (!numeric) return (ZONES[zone ?? ''] ?? 0) * 60;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
  return (numeric[1] === '-' ? -minutes : minutes) * 60;
}
