import type { Layouts } from '../../model/layouts/layouts.ts';
import type { SizeRange, StructType } from './type-catalog.ts';
import { TypeCatalog } from './type-catalog.ts';
import { pathAt } from './embedded-members.ts';

/** Says which member a word is that holds a pointer of a known type, by where it lies in an object of a known size. */
export class PointerMembers {
  readonly #catalog: TypeCatalog;
  readonly #byOffset = new Map<number, StructType[]>();

  /** `targets`: names of the structs pointed to; a pointer to the struct that another begins with may be declared as either. */
  constructor(layouts: Layouts, targets: ReadonlySet<string>) {
    this.#catalog = new TypeCatalog(layouts.graphs);
    for (const struct of this.#catalog.structs) {
      for (const [word, fields] of this.#catalog.fields(struct).entries()) {
        const points = fields.some((f) => f.kind === 'pointer' && f.to.kind === 'struct' && targets.has(f.to.name));
        if (!points) continue;
        const known = this.#byOffset.get(word * 8);
        if (known) known.push(struct);
        else this.#byOffset.set(word * 8, [struct]);
      }
    }
  }

  /** `struct bdi_writeback.memcg_css`; undefined where none or several structs of that size have such a member there. */
  nameOf(offset: number, [above, upTo]: SizeRange): string | undefined {
    const fitting = (this.#byOffset.get(offset) ?? []).filter(({ size }) => size > above && size <= upTo);
    const [only] = fitting;
    if (!only || fitting.length > 1) return undefined;
    const path = pathAt(this.#catalog.keys, only.ref, offset);
    return `struct ${only.name}${path === undefined ? '' : `.${path}`}`;
  }

  get catalog(): TypeCatalog {
    return this.#catalog;
  }
}
