/** Longest wait for an answer to a look from outside, milliseconds. */
const LOOK_LIMIT_MS = 1_000;

/** What a server answers to a GET; undefined for no answer within a second. */
export async function look(url: string): Promise<{ readonly status: number; readonly text: string } | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LOOK_LIMIT_MS) });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
}

/** Does anything answer there, whatever it says. */
export async function answers(url: string): Promise<boolean> {
  return (await look(url)) !== undefined;
}
