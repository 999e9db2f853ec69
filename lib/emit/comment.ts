/** Text that stands in a comment and must not get out of it. */

/** One line of a comment: nothing in it ends the line, or the comment. */
export const comment = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ").replaceAll("*/", "* /");
