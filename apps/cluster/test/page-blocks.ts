/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The file that it is, by its first line `# NAME, on HOST`; undefined for commands. */
  readonly file: string | undefined;
  /** Where it belongs, by its first line; none for one that only shows something. */
  readonly hosts: readonly string[];
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => {
    const [, file, places = ''] = /^# (?:(\S+), )?on (.+)$/m.exec(text.split('\n', 1)[0] ?? '') ?? [];
    return { language, text, file, hosts: places === '' ? [] : places.split(' and ') };
  });
}
