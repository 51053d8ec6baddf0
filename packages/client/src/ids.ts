/** Makes a name nobody else has. `crypto.randomUUID` is missing on plain HTTP and in React Native. */
export function newId(): string {
  const random = () => Math.random().toString(36).slice(2);
  return `${Date.now().toString(36)}-${random()}${random()}`;
}
