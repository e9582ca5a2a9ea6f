/** One thing in a picture. Lengths are in the picture's own units, y grows downwards. */
export type Mark =
  | {
      readonly kind: 'box';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly fill: 'none' | 'soft' | 'strong';
      readonly dashed?: true;
    }
  | {
      readonly kind: 'label';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly anchor?: 'middle' | 'end';
    }
  | { readonly kind: 'arrow'; readonly from: readonly [number, number]; readonly to: readonly [number, number] };

/** A drawing in one colour, that of the text around it. */
export interface Picture {
  /** Read aloud in place of the drawing, with `description`. */
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** One word that answers use, explained for a reader without kernel knowledge (`kleak explain TERM`). */
export interface GlossaryTerm {
  /** Lower case, words joined by dashes: `page-allocator`. */
  readonly id: string;
  readonly title: string;
  /** Other spellings people try. */
  readonly also: readonly string[];
  /** One sentence. */
  readonly short: string;
  /** Paragraphs. */
  readonly text: readonly string[];
  /** Ids of terms that help further. */
  readonly see: readonly string[];
  readonly picture?: Picture;
}
