/** `f` of each item; the very same list where that changes none. */
export function mapped<T>(items: readonly T[], f: (item: T) => T): readonly T[] {
  let all: T[] | undefined;
  for (let n = 0; n < items.length; n++) {
    const now = f(items[n]!);
    if (all === undefined && now !== items[n]) all = items.slice(0, n);
    all?.push(now);
  }
  return all ?? items;
}
