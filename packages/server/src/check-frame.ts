import { SmmfError } from '@smmf/core';
import { type Frame, readFrame, type TaskId } from '@smmf/protocol';

/** As {@link readFrame}, for a body that came over HTTP. @throws its fault */
export function checkFrame(task: TaskId, body: Buffer): Frame {
  const read = readFrame(task, body);
  if ('frame' in read) return read.frame;
  const { code, message, param } = read.fault;
  throw new SmmfError(code, message, param === undefined ? {} : { param });
}
