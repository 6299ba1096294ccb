/** A piece of an answer as it comes. */
export interface AnswerPiece {
  readonly kind: 'answer' | 'reasoning';
  readonly text: string;
}

/** How an answer ended. */
export interface AnswerEnd {
  readonly reason: string | undefined;
  readonly isStopped: boolean;
}

/** Shows one answer. */
export interface AnswerPrinter {
  piece(piece: AnswerPiece): void;
  /** Without an end: an error cut it off. */
  end(end?: AnswerEnd): void;
}
