// Encrypts what is typed for the kernel, and decrypts what it reveals, by HPKE (RFC 9180)
// and AES-256-GCM; a file of its own, fetched when something secret is first typed. The
// kernel's half is parllama_nb/widgets/_sealed.py.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import type { SealedTexts, SealingKey } from "./protocol";

const LABEL = "parllama_nb sealed 1";
const NONCE_BYTES = 12;
const POINT_BYTES = 65;

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const info = (context: string) => bytesOf(`${LABEL} ${context}`);

// Not all bytes as arguments of one call: Safari takes 65,536, and a value may have more.
const binary = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const toBase64 = (...parts: Uint8Array[]) => btoa(parts.map(binary).join(""));
const fromBase64 = (text: string) =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Seals texts, by their names, for one request to the kernel. */
export async function seal(
  { key, public_key }: SealingKey,
  request: string,
  texts: Readonly<Record<string, string>>,
): Promise<SealedTexts> {
  const own = crypto.getRandomValues(new Uint8Array(32));
  const cipher = await crypto.subtle.importKey("raw", own, "AES-GCM", false, [
    "encrypt",
  ]);
  const sealed = await Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const additionalData = bytesOf(`${request}/${name}`);
      const encrypted = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv, additionalData },
        cipher,
        bytesOf(text),
      );
      return [name, toBase64(iv, new Uint8Array(encrypted))] as const;
    }),
  );
  const recipientPublicKey = await suite.kem.deserializePublicKey(
    fromBase64(public_key).buffer,
  );
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: info(request).buffer },
    own.buffer,
  );
  own.fill(0);
  const wrapped = toBase64(new Uint8Array(enc), new Uint8Array(ct));
  return { key, wrapped, texts: Object.fromEntries(sealed) };
}

/** A key of this page for one value that the kernel reveals. */
export interface Opener {
  /** For the request, in base64. */
  publicKey: string;
  open(sealed: string, context: string): Promise<string>;
}

export async function opener(): Promise<Opener> {
  const pair = await suite.kem.generateKeyPair();
  const point = await suite.kem.serializePublicKey(pair.publicKey);
  return {
    publicKey: toBase64(new Uint8Array(point)),
    async open(sealed, context) {
      const raw = fromBase64(sealed);
      const enc = raw.slice(0, POINT_BYTES).buffer;
      const opened = await suite.open(
        { recipientKey: pair.privateKey, enc, info: info(context).buffer },
        raw.slice(POINT_BYTES).buffer,
      );
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(opened);
    },
  };
}
