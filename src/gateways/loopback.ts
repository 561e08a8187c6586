/** Whether a service is on this machine: a stand-in, such as the sheets of a test, and not the service itself. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
