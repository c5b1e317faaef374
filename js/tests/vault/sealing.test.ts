// @vitest-environment node
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { expect, it } from "vitest";
import { opener, seal } from "../../src/sealing";

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const POINT = 65;
const NONCE = 12;

const bytes = (text: string) => new TextEncoder().encode(text);
const info = (context: string) => bytes(`parllama_nb sealed 1 ${context}`);
const from64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
const to64 = (...parts: Uint8Array[]) => Buffer.concat(parts).toString("base64");

/** What the kernel does with a message, by WebCrypto. */
async function kernel() {
  const pair = await suite.kem.generateKeyPair();
  const point = await suite.kem.serializePublicKey(pair.publicKey);
  return {
    key: { key: "k1", public_key: to64(new Uint8Array(point)) },
    async opened(
      request: string,
      { wrapped, texts }: Awaited<ReturnType<typeof seal>>,
    ): Promise<Record<string, string>> {
      const raw = from64(wrapped);
      const own = await suite.open(
        {
          recipientKey: pair.privateKey,
          enc: raw.slice(0, POINT).buffer,
          info: info(request).buffer,
        },
        raw.slice(POINT).buffer,
      );
      const key = await crypto.subtle.importKey("raw", own, "AES-GCM", false, [
        "decrypt",
      ]);
      const opened: Record<string, string> = {};
      for (const [name, text] of Object.entries(texts)) {
        const sealed = from64(text);
        const how = {
          name: "AES-GCM",
          iv: sealed.slice(0, NONCE),
          additionalData: bytes(`${request}/${name}`),
        };
        const plain = await crypto.subtle.decrypt(how, key, sealed.slice(NONCE));
        opened[name] = new TextDecoder().decode(plain);
      }
      return opened;
    },
  };
}

it("seals texts that the kernel opens as they were typed", async () => {
  const { key, opened } = await kernel();
  const texts = { old: "e\u0301 🦙🏽", new: "x".repeat(70_000), empty: "" };
  const sealed = await seal(key, "change_password", texts);
  expect(sealed.key).toBe("k1");
  expect(await opened("change_password", sealed)).toEqual(texts);
});

it("seals for one request only", async () => {
  const { key, opened } = await kernel();
  const sealed = await seal(key, "unlock", { password: "p" });
  await expect(opened("create", sealed)).rejects.toThrow();
  const moved = { ...sealed, texts: { value: sealed.texts.password ?? "" } };
  await expect(opened("unlock", moved)).rejects.toThrow();
});

it("seals the same text never twice alike", async () => {
  const { key } = await kernel();
  const [one, two] = await Promise.all(
    [1, 2].map(() => seal(key, "unlock", { password: "p" })),
  );
  expect(one?.wrapped).not.toBe(two?.wrapped);
  expect(one?.texts.password).not.toBe(two?.texts.password);
});

it("opens a value that was sealed for it, and for no other name", async () => {
  const { publicKey, open } = await opener();
  const recipientPublicKey = await suite.kem.deserializePublicKey(
    from64(publicKey).buffer,
  );
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: info("reveal/HF_TOKEN").buffer },
    bytes("hf_🔑\nsecond line").buffer,
  );
  const sealed = to64(new Uint8Array(enc), new Uint8Array(ct));
  expect(await open(sealed, "reveal/HF_TOKEN")).toBe("hf_🔑\nsecond line");
  await expect(open(sealed, "reveal/OTHER")).rejects.toThrow();
  const other = await opener();
  await expect(other.open(sealed, "reveal/HF_TOKEN")).rejects.toThrow();
});

it("seals more bytes than one call takes arguments", async () => {
  const { key, opened } = await kernel();
  const texts = { value: "x".repeat(2_000_000) };
  expect(await opened("set", await seal(key, "set", texts))).toEqual(texts);
});

it("opens a value with all its bytes, a byte order mark included", async () => {
  const { publicKey, open } = await opener();
  const recipientPublicKey = await suite.kem.deserializePublicKey(
    from64(publicKey).buffer,
  );
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: info("reveal/A").buffer },
    bytes("\uFEFFvalue").buffer,
  );
  const sealed = to64(new Uint8Array(enc), new Uint8Array(ct));
  expect(await open(sealed, "reveal/A")).toBe("\uFEFFvalue");
});
