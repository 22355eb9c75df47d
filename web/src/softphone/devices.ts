// Which microphone and speaker the softphone uses, and where it rings: chosen once a browser, the system's own where nothing is chosen.

export type Role = "microphone" | "speaker" | "ring";

const KINDS: Record<Role, MediaDeviceKind> = { microphone: "audioinput", speaker: "audiooutput", ring: "audiooutput" };

export function deviceOf(role: Role): string {
  return localStorage.getItem(`tamas-${role}`) ?? "";
}

export function choose(role: Role, id: string): void {
  if (id) localStorage.setItem(`tamas-${role}`, id);
  else localStorage.removeItem(`tamas-${role}`);
}

/** What there is to choose from; names are told only to who may use the microphone. */
export async function devices(role: Role): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((one) => one.kind === KINDS[role] && one.deviceId);
}
