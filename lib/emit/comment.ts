/** Text that stands in a comment and must not get out of it. */

/** One line of a comment: nothing in it ends the line, or the comment. */
export const comment = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ").replaceAll("*/", "* /");

/** A line of a comment in as many lines as it needs; later ones are indented more. `before` stands before each. */
export function wrapped(text: string, before: string, width = 110): readonly string[] {
  const margin = /^ */u.exec(text)![0];
  const lines: string[] = [];
  let line = before + margin;
  for (const word of text.trim().split(" ")) {
    const longer = line.trimEnd() === (before + margin).trimEnd() ? line + word : `${line} ${word}`;
    if (longer.length > width && line.trim() !== before.trim()) {
      lines.push(line.trimEnd());
      line = `${before}${margin}    ${word}`;
    } else line = longer;
  }
  return [...lines, line.trimEnd()];
}
