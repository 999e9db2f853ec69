/** Mocha's own report, and then one plain line that any program can read: `12 passed, 0 failed`. */
import Mocha from "mocha";

export default class Reporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes = 0, failures = 0 } = this.stats;
    process.stdout.write(`${passes} passed, ${failures} failed\n`);
  }
}
