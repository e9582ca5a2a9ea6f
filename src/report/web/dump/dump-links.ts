/** The dump that pages are about: the number of its document, and how the file is called. */
export interface DumpName {
  readonly id: number;
  readonly title: string;
}

export const reportLink = (id: number): string => `/document/${id}`;
export const mapLink = (id: number, area?: string): string =>
  `/dump/${id}/map${area === undefined ? '' : query({ area })}`;
export const lostLink = (id: number): string => `/dump/${id}/lost`;
export const cacheLink = (id: number, cache: string): string => `/dump/${id}/cache${query({ name: cache })}`;
export const refsLink = (id: number, address: string): string => `/dump/${id}/refs${query({ address })}`;

/** `bytes` and `type` as in a question about memory. */
export function viewLink(
  id: number,
  address: string,
  { bytes, type }: { readonly bytes?: number; readonly type?: string } = {},
): string {
  return `/dump/${id}/view${query({
    address,
    ...(bytes === undefined ? {} : { bytes: String(bytes) }),
    ...(type === undefined ? {} : { type: type.replace(/^struct /, '') }),
  })}`;
}

/** Takes any text: of a name that is none in Unicode, too. */
const query = (parts: Readonly<Record<string, string>>): string => `?${new URLSearchParams(parts).toString()}`;
