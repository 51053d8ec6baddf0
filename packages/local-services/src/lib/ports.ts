/** Says whether a system call failed with `code`, such as `EADDRINUSE`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Makes the error of a port that something else listens on. */
export function takenPort(port: number, purpose: string): Error {
  return new Error(`Port ${port}, wanted for ${purpose}, is taken. Stop what uses it, or set another port.`);
}
