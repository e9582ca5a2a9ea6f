/** JSON of a kind that has the field `key`; throws for any other. */
export function parseDocument<T>(text: string, key: string): T {
  const document: unknown = JSON.parse(text);
  const isDocument = (value: unknown): value is T => typeof value === 'object' && value !== null && key in value;
  if (!isDocument(document)) throw new Error(`a document without ${key}`);
  return document;
}
