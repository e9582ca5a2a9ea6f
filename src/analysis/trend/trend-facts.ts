export type { HourlyChange } from '../../model/trend.ts';
