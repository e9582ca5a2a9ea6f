/** The dump that pages are about: the number of its document, and how the file is called. */
export interface DumpName {
  readonly id: number;
  readonly title: string;
}

export const reportLink = (id: number): string => `/document/${id}`;
export const mapLink = (id: number, area?: string): string =>
  `/dump/${id}/map${area === undefined ? '' : `?area=${encodeURIComponent(area)}`}`;
export const lostLink = (id: number): string => `/dump/${id}/lost`;
export const cacheLink = (id: number, cache: string): string => `/dump/${id}/cache?name=${encodeURIComponent(cache)}`;
export const refsLink = (id: number, address: string): string =>
  `/dump/${id}/refs?address=${encodeURIComponent(address)}`;

/** `bytes` and `type` as in a question about memory. */
export function viewLink(
  id: number,
  address: string,
  { bytes, type }: { readonly bytes?: number; readonly type?: string } = {},
): string {
  const query = new URLSearchParams({ address });
  if (bytes !== undefined) query.set('bytes', String(bytes));
  if (type !== undefined) query.set('type', type.replace(/^struct /, ''));
  return `/dump/${id}/view?${query.toString()}`;
}
