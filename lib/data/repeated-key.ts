/** Keys that an object in JSON has twice: a parser takes the last and says nothing. */

/** The first key that its object has had before, and its line, counted from 1; undefined where there is none. */
export function repeatedKey(json: string): { readonly key: string; readonly line: number } | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const sign = json[at];
    if (sign === "{") open.push(new Set());
    else if (sign === "}") open.pop();
    else if (sign === '"') {
      const end = stringEnd(json, at);
      if (isKey(json, end)) {
        // A key may be written in several ways: "a" and "\u0061" are one.
        const key = String(JSON.parse(json.slice(at, end)));
        const keys = open.at(-1)!;
        if (keys.has(key)) return { key, line: json.slice(0, at).split(/\r\n|\n|\r/).length };
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Where the string ends that begins at `start`: behind its closing quote. */
function stringEnd(json: string, start: number): number {
  let end = start + 1;
  while (json[end] !== '"') end += json[end] === "\\" ? 2 : 1;
  return end + 1;
}

const isKey = (json: string, end: number): boolean => {
  let next = end;
  while (" \t\n\r".includes(json[next] ?? "]")) next++;
  return json[next] === ":";
};
