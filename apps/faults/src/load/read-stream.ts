/** What a client has seen of a streamed answer so far. */
export interface StreamSeen {
  readonly text: string;
  /** The stream said that it is whole. */
  readonly isDone: boolean;
  /** The code or message of an error event. */
  readonly error: string | undefined;
}

/** Part of a chunk that a client looks at. */
interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly error?: { readonly code?: string | null; readonly message?: string };
}

/** Reads server-sent events as a plain client does, piece by piece. */
export class StreamReader implements StreamSeen {
  text = '';
  isDone = false;
  error: string | undefined;
  #rest = '';

  push(piece: string): void {
    const events = (this.#rest + piece).split('\n\n');
    this.#rest = events.pop() ?? '';
    for (const event of events) this.#read(event);
  }

  #read(event: string): void {
    if (!event.startsWith('data: ')) return;
    const data = event.slice('data: '.length);
    if (data === '[DONE]') {
      this.isDone = true;
      return;
    }
    const { choices = [], error } = JSON.parse(data) as Chunk;
    if (error) this.error = error.code ?? error.message ?? 'unnamed';
    for (const { delta } of choices) this.text += delta?.content ?? '';
  }
}
