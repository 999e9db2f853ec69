/** A comment whose text is written when it is read: code for WebAssembly has none. */
export class Comment {
  readonly kind = "comment";
  readonly #write: () => string;
  #text: string | undefined;

  constructor(write: () => string) {
    this.#write = write;
  }

  get text(): string {
    return (this.#text ??= this.#write());
  }
}
